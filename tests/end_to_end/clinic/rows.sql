-- 1: last here long ago, and older than 28: everything about the treatment is due.
INSERT INTO patients VALUES (1, 'Ada Example', 'ada@example.com', '1950-03-01', 'DE', 'left', '2000-05-04 10:00:00');
-- 2: as long ago, but a child then: kept until the 28th birthday, in 2099 for the test's sake.
INSERT INTO patients VALUES (2, 'Bo Example', 'bo@example.com', '2071-07-01', 'DE', 'left', '2000-05-04 10:00:00');
-- 3 and 4: in treatment.
INSERT INTO patients VALUES (3, 'Cy Example', 'cy@example.com', '1980-01-01', 'DE', 'current', CURRENT_TIMESTAMP);
INSERT INTO patients VALUES (4, 'Di Example', 'di@example.com', '1985-01-01', 'FR', 'current', CURRENT_TIMESTAMP);
INSERT INTO visits VALUES (11, 1, '2000-05-01 09:00:00', 'cough');
INSERT INTO visits VALUES (12, 2, '2000-05-01 09:30:00', 'fever');
INSERT INTO visits VALUES (13, 3, CURRENT_TIMESTAMP, 'a sprained ankle');
INSERT INTO visits VALUES (14, 4, CURRENT_TIMESTAMP, 'insomnia');
INSERT INTO lab_results VALUES (21, 11, 'CRP', '12');
INSERT INTO lab_results VALUES (22, 12, 'CRP', '3');
INSERT INTO lab_results VALUES (23, 13, 'HbA1c', '5.1');
INSERT INTO invoices VALUES ('2000-17', 1, 'Ada Example', 4200, '2000-05-05 12:00:00');
INSERT INTO invoices VALUES ('NOW-3', 3, 'Cy Example', 9900, CURRENT_TIMESTAMP);
-- More reminders than one run may delete unasked: 150 old ones of 160.
INSERT INTO reminders
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
  SELECT i, 1 + i % 4, '2020-01-01 08:00:00', 'see you tomorrow' FROM n;
INSERT INTO reminders
  WITH RECURSIVE n (i) AS (SELECT 151 UNION ALL SELECT i + 1 FROM n WHERE i < 160)
  SELECT i, 3 + i % 2, CURRENT_TIMESTAMP, 'see you tomorrow' FROM n;
INSERT INTO wards VALUES ('north', 12);
