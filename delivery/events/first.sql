-- Run once for each new database, by its master user: the user events, who signs in by IAM and makes its tables.
create role events login;
grant rds_iam to events;
grant create, usage on schema public to events;
