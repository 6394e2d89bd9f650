-- From here on sessions are rows of tables of their own, and no account or node is woken for them. What the grains of earlier
-- versions asked to be woken by would wake nobody.
DELETE FROM reminder
WHERE grain_id LIKE 'account/%' OR grain_id LIKE 'node/%' OR grain_id LIKE 'session/%' OR grain_id LIKE 'retention/%';
