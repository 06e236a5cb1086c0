-- Run once for each new database, by its master user: the consumer's own user, who signs in by IAM and makes its tables.
create role consumer login;
grant rds_iam to consumer;
grant create, usage on schema public to consumer;
