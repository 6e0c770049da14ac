-- The clinic's own database, with three patients: Ada, gone for long; Bo, a boy in treatment; Cy, in treatment.
CREATE TABLE patients (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL, email VARCHAR(100), country VARCHAR(10),
  born DATE NOT NULL, insurance_no VARCHAR(20), standing VARCHAR(10) NOT NULL, last_stay TIMESTAMP);
CREATE TABLE records (id INTEGER PRIMARY KEY, patient_id INTEGER REFERENCES patients (id), written_at TIMESTAMP, words TEXT);
CREATE TABLE lab_results (id INTEGER PRIMARY KEY, record_id INTEGER REFERENCES records (id), analyte VARCHAR(20), measured VARCHAR(20));
CREATE TABLE images (id INTEGER PRIMARY KEY, patient_id INTEGER REFERENCES patients (id), taken_at TIMESTAMP, body_part VARCHAR(20));
CREATE TABLE invoices (number VARCHAR(10) PRIMARY KEY, patient_id INTEGER REFERENCES patients (id), addressee VARCHAR(100) NOT NULL,
  cents INTEGER, issued_at TIMESTAMP);
CREATE TABLE appointments (id INTEGER PRIMARY KEY, patient_id INTEGER REFERENCES patients (id), at TIMESTAMP, reminded VARCHAR(5));
CREATE TABLE study_cases (id INTEGER PRIMARY KEY, patient_id INTEGER REFERENCES patients (id), name VARCHAR(100),
  born VARCHAR(10), finding VARCHAR(100), taken_up_at TIMESTAMP);
CREATE TABLE wards (name VARCHAR(20) PRIMARY KEY);
INSERT INTO patients VALUES (1, 'Ada Example', 'ada@patients.test', 'DE', '1950-03-01', 'A1', 'left', '2000-05-04 10:00:00');
INSERT INTO patients VALUES (2, 'Bo Example', 'bo@patients.test', 'DE', '2014-07-01', 'B2', 'current', NULL);
INSERT INTO patients VALUES (3, 'Cy Example', 'cy@patients.test', 'DE', '1980-01-01', 'C3', 'current', NULL);
INSERT INTO records VALUES (11, 1, '2000-05-01 09:00:00', 'a cough');
INSERT INTO records VALUES (12, 2, '2026-05-01 09:00:00', 'a broken wrist');
INSERT INTO records VALUES (13, 3, '2026-05-02 09:00:00', 'a sprained ankle');
INSERT INTO lab_results VALUES (21, 11, 'CRP', '12');
INSERT INTO lab_results VALUES (23, 13, 'HbA1c', '5.1');
INSERT INTO images VALUES (31, 1, '2000-05-01 10:00:00', 'chest');
INSERT INTO images VALUES (32, 2, '2014-08-01 10:00:00', 'wrist');
INSERT INTO images VALUES (33, 3, '2014-08-01 10:00:00', 'ankle');
INSERT INTO invoices VALUES ('2000-17', 1, 'Ada Example', 4200, '2000-05-05 12:00:00');
INSERT INTO invoices VALUES ('2026-01', 3, 'Cy Example', 9900, '2026-05-05 12:00:00');
INSERT INTO appointments VALUES (41, 3, '2020-01-01 08:00:00', 'yes');
INSERT INTO appointments VALUES (42, 3, '2026-05-02 08:00:00', 'no');
INSERT INTO study_cases VALUES (51, 3, 'Cy Example', '1980-01-01', 'ligaments heal in 6 weeks', '2022-01-01 12:00:00');
INSERT INTO study_cases VALUES (52, 3, 'Cy Example', '1980-01-01', 'and again in 5', '2026-05-10 12:00:00');
