alter table accounts rename column email to primary_email;

update sessions set device_label = 'unknown device' where device_label is null;
alter table sessions alter column device_label set not null;
