drop table account_roles;
drop table roles;
