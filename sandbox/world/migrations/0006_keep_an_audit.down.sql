drop trigger accounts_touch_updated_at on accounts;
drop function touch_updated_at();
drop table audit_entries;
drop sequence support_reference_seq;
