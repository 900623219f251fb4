alter table sessions alter column device_label drop not null;
alter table accounts rename column primary_email to email;
