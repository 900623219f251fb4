drop view account_directory;
drop table login_attempts;
