-- Commands are listed by what makes them run, which stands in `state` from now on. Inside the JSON a quoted word of the
-- command's own text has backslashes before its quotes, so this finds the field alone.
UPDATE command SET state = 'manual' WHERE doc LIKE '%"trigger":"manual"%';
UPDATE command SET state = 'on_enrollment' WHERE doc LIKE '%"trigger":"on_enrollment"%';
