-- The game's own database: parents and children in one table. Mia (2) is Ana's (1), and Leo (4) nobody's yet.
CREATE TABLE people (id INTEGER PRIMARY KEY, role VARCHAR(10) NOT NULL, name VARCHAR(100), email VARCHAR(100), country VARCHAR(10),
  born DATE, animal VARCHAR(20), status VARCHAR(10) NOT NULL, made_at TIMESTAMP NOT NULL, closed_at TIMESTAMP, played_at TIMESTAMP);
CREATE TABLE progress (id INTEGER PRIMARY KEY, child_id INTEGER, level INTEGER, answers VARCHAR(100));
CREATE TABLE sessions (id INTEGER PRIMARY KEY, person_id INTEGER, device VARCHAR(50), began_at TIMESTAMP);
CREATE TABLE recordings (id INTEGER PRIMARY KEY, child_id INTEGER, sound VARCHAR(100), made_at TIMESTAMP);
CREATE TABLE purchases (id INTEGER PRIMARY KEY, parent_id INTEGER, item VARCHAR(50), cents INTEGER, paid_at TIMESTAMP);
CREATE TABLE messages (id INTEGER PRIMARY KEY, sender VARCHAR(100) NOT NULL, words TEXT, sent_at TIMESTAMP);
INSERT INTO people VALUES (1, 'parent', 'Ana Example', 'ana@parents.test', 'IE', NULL, NULL, 'open', '2026-05-01 09:00:00', NULL, NULL);
INSERT INTO people VALUES (2, 'child', 'Mimi', NULL, 'IE', '2018-03-01', 'owl', 'open', '2026-05-01 09:00:00', NULL, '2026-05-30 16:00:00');
INSERT INTO people VALUES (3, 'parent', 'Ben Example', 'ben@parents.test', 'US', NULL, NULL, 'waiting', '2026-05-10 09:00:00', NULL, NULL);
INSERT INTO people VALUES (4, 'child', 'Leo', NULL, 'US', '2017-03-01', 'fox', 'waiting', '2026-05-10 09:00:00', NULL, NULL);
INSERT INTO people VALUES (5, 'parent', 'Cia Example', 'cia@parents.test', 'IE', NULL, NULL, 'open', '2026-05-01 09:00:00', NULL, NULL);
INSERT INTO progress VALUES (11, 2, 3, 'right, wrong, right');
INSERT INTO sessions VALUES (21, 2, 'tablet', '2026-04-01 16:00:00');
INSERT INTO sessions VALUES (22, 1, 'telephone', '2026-05-30 16:00:00');
INSERT INTO sessions VALUES (23, 2, 'tablet', '2026-05-30 16:00:00');
INSERT INTO recordings VALUES (31, 2, 'the owl sat', '2026-05-30 16:00:00');
INSERT INTO recordings VALUES (32, 2, 'on a gate', '2026-06-01 11:00:00');
INSERT INTO purchases VALUES (41, 1, 'a new meadow', 299, '2026-05-02 12:00:00');
INSERT INTO messages VALUES (51, 'ana@parents.test', 'my child loves the owl', '2026-05-03 12:00:00');
