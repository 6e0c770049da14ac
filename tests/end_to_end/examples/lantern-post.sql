-- The paper's own database: readers by a number, members by an account.
CREATE TABLE readers (number VARCHAR(20) PRIMARY KEY, place VARCHAR(10), seen_at TIMESTAMP NOT NULL, subjects VARCHAR(200));
CREATE TABLE members (id INTEGER PRIMARY KEY, email VARCHAR(100), signs_as VARCHAR(50), place VARCHAR(10), age_band VARCHAR(10),
  status VARCHAR(10) NOT NULL, closed_at TIMESTAMP);
CREATE TABLE visits (id INTEGER PRIMARY KEY, number VARCHAR(20), page VARCHAR(100), address VARCHAR(50), at TIMESTAMP);
CREATE TABLE impressions (id INTEGER PRIMARY KEY, number VARCHAR(20), campaign VARCHAR(50), clicked VARCHAR(5), at TIMESTAMP);
CREATE TABLE comments (id INTEGER PRIMARY KEY, member_id INTEGER, words TEXT, signed VARCHAR(50) NOT NULL);
CREATE TABLE mail (id INTEGER PRIMARY KEY, sender VARCHAR(100) NOT NULL, words TEXT, at TIMESTAMP);
INSERT INTO readers VALUES ('r-cal', 'US-CA', '2026-05-30 12:00:00', 'cooking');
INSERT INTO readers VALUES ('r-fra', 'FR', '2026-05-30 12:00:00', 'sailing');
INSERT INTO readers VALUES ('r-old', 'US-NY', '2025-10-01 12:00:00', 'chess');
INSERT INTO members VALUES (1, 'max@members.test', 'Max E.', 'US-CA', 'older', 'open', NULL);
INSERT INTO members VALUES (2, 'kim@members.test', 'Kim E.', 'US-CA', 'under 16', 'open', NULL);
INSERT INTO members VALUES (3, 'lou@members.test', 'Lou E.', 'DE', 'older', 'closed', '2026-04-01 12:00:00');
INSERT INTO visits VALUES (11, 'r-cal', '/soup', '203.0.113.7', '2026-05-30 12:00:00');
INSERT INTO visits VALUES (12, 'r-cal', '/bread', '203.0.113.7', '2026-04-01 12:00:00');
INSERT INTO impressions VALUES (21, 'r-cal', 'pans', 'yes', '2026-05-30 12:00:00');
INSERT INTO impressions VALUES (22, 'r-fra', 'sails', 'no', '2026-02-01 12:00:00');
INSERT INTO impressions VALUES (23, 'r-old', 'clocks', 'no', '2025-01-01 12:00:00');
INSERT INTO comments VALUES (31, 1, 'more salt', 'Max E.');
INSERT INTO comments VALUES (32, 3, 'I am off', 'Lou E.');
INSERT INTO mail VALUES (41, 'max@members.test', 'where is my paper', '2026-05-01 12:00:00');
