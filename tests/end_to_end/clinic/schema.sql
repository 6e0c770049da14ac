-- The clinic's own database. It was made long before Upheld came, and by somebody else.
CREATE TABLE patients (
  no INTEGER PRIMARY KEY,
  full_name VARCHAR(200) NOT NULL,
  mail VARCHAR(200),
  born DATE NOT NULL,
  lives_in VARCHAR(2) NOT NULL,
  standing VARCHAR(20) NOT NULL,
  last_left TIMESTAMP
);
CREATE TABLE visits (
  visit_no INTEGER PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patients (no),
  came_at TIMESTAMP NOT NULL,
  complaint TEXT
);
CREATE TABLE lab_results (
  id INTEGER PRIMARY KEY,
  visit INTEGER NOT NULL REFERENCES visits (visit_no),
  analyte VARCHAR(50) NOT NULL,
  measured VARCHAR(50)
);
CREATE TABLE invoices (
  number VARCHAR(20) PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patients (no),
  addressee VARCHAR(200) NOT NULL,
  cents INTEGER NOT NULL,
  issued TIMESTAMP NOT NULL
);
CREATE TABLE reminders (
  id INTEGER PRIMARY KEY,
  patient INTEGER REFERENCES patients (no),
  sent TIMESTAMP NOT NULL,
  words VARCHAR(200) NOT NULL
);
CREATE TABLE wards (name VARCHAR(20) PRIMARY KEY, beds INTEGER);
