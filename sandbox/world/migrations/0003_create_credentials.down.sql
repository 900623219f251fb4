drop table credentials;
drop type credential_kind;
