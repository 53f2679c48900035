-- +goose Up
-- Notifications: what happened (notifications, written in the transaction of the fact) and what is sent about it
-- (notification_deliveries, one row a message). No column holds a text that is sent: texts are made from codes when they
-- are sent, and hold nothing about a resident.

-- notify_vapid: the key by which push services know this installation; all nodes share the one row.
CREATE TABLE notify_vapid (
  one         boolean PRIMARY KEY DEFAULT true CHECK (one),
  id          uuid NOT NULL,
  private_enc bytea NOT NULL, -- PKCS 8
  public      bytea NOT NULL, -- uncompressed point
  created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE notification_settings (
  user_id    uuid PRIMARY KEY REFERENCES users (id),
  phone_enc  bytea,
  quiet_from smallint CHECK (quiet_from BETWEEN 0 AND 1439), -- minutes of the day in Asia/Shanghai
  quiet_to   smallint CHECK (quiet_to BETWEEN 0 AND 1439),
  tested_at  timestamptz,
  revision   integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);

-- notification_choices: what differs from the program's defaults.
CREATE TABLE notification_choices (
  user_id uuid NOT NULL REFERENCES users (id),
  event   text NOT NULL,
  sms     boolean NOT NULL,
  push    boolean NOT NULL,
  PRIMARY KEY (user_id, event)
);

CREATE TABLE push_subscriptions (
  id            uuid PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES users (id),
  endpoint_enc  bytea NOT NULL, -- whoever knows the address may send to it
  endpoint_hmac bytea NOT NULL UNIQUE,
  label         text NOT NULL DEFAULT '',
  created_at    timestamptz NOT NULL,
  last_sent_at  timestamptz
);
CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id);

CREATE TABLE notification_channels (
  id                uuid PRIMARY KEY,
  organisation_id   uuid NOT NULL REFERENCES organisations (id),
  department_id     uuid REFERENCES departments (id), -- a robot of one department's group
  kind              text NOT NULL CHECK (kind IN ('SMS_WEBHOOK', 'WECOM_ROBOT', 'DINGTALK_ROBOT')),
  name              text NOT NULL,
  host              text NOT NULL, -- of the address, to be shown
  url_enc           bytea NOT NULL, -- robots carry their key in the address
  secret_enc        bytea,
  events            text[] NOT NULL DEFAULT '{}', -- what a robot tells its group
  locale            text NOT NULL DEFAULT 'zh-CN',
  enabled           boolean NOT NULL DEFAULT true,
  revision          integer NOT NULL DEFAULT 1,
  created_by        uuid NOT NULL REFERENCES users (id),
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  tested_at         timestamptz,
  paused_until      timestamptz, -- the provider asked for a pause
  last_delivered_at timestamptz,
  last_failed_at    timestamptz,
  last_error        text NOT NULL DEFAULT ''
);
CREATE INDEX notification_channels_organisation ON notification_channels (organisation_id);

-- notifications: facts. The same key is the same fact. A node plans the deliveries and sets planned_at.
CREATE TABLE notifications (
  id            uuid PRIMARY KEY,
  key           text NOT NULL UNIQUE,
  event         text NOT NULL,
  urgency       text NOT NULL DEFAULT '',
  users         uuid[] NOT NULL DEFAULT '{}',
  present       boolean NOT NULL DEFAULT false, -- the users were found present, so they count as on duty
  departments   uuid[] NOT NULL DEFAULT '{}', -- whose groups are told
  department_id uuid REFERENCES departments (id), -- named in the text
  subject_id    uuid, -- the consultation or swap
  epoch         bigint NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL,
  planned_at    timestamptz
);
CREATE INDEX notifications_unplanned ON notifications (created_at) WHERE planned_at IS NULL;
CREATE INDEX notifications_age ON notifications (created_at);

CREATE TABLE notification_deliveries (
  id              uuid PRIMARY KEY, -- the id that providers get, the same in each attempt
  notification_id uuid NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
  organisation_id uuid REFERENCES organisations (id), -- whose administrators see it
  user_id         uuid REFERENCES users (id), -- NULL: a group
  channel         text NOT NULL CHECK (channel IN ('SMS', 'PUSH', 'WECOM', 'DINGTALK')),
  channel_id      uuid REFERENCES notification_channels (id),
  subscription_id uuid REFERENCES push_subscriptions (id) ON DELETE SET NULL,
  series          text NOT NULL, -- what is repeated until it is answered: one message of a series is on its way at a time
  round           integer NOT NULL DEFAULT 0,
  at_any_hour     boolean NOT NULL DEFAULT false, -- quiet hours do not hold it back
  state           text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'SENDING', 'RETRYING', 'DELIVERED', 'STOPPED', 'DEAD')),
  attempts        integer NOT NULL DEFAULT 0,
  due_at          timestamptz NOT NULL,
  lease_until     timestamptz, -- a node that sends has until then to note the result
  created_at      timestamptz NOT NULL,
  sent_at         timestamptz,
  status          integer, -- HTTP status of the last answer
  error_code      text NOT NULL DEFAULT '',
  provider_code   text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX notification_deliveries_series ON notification_deliveries (series) WHERE state IN ('WAITING', 'SENDING', 'RETRYING');
CREATE INDEX notification_deliveries_due ON notification_deliveries (channel, due_at) WHERE state IN ('WAITING', 'SENDING', 'RETRYING');
CREATE INDEX notification_deliveries_notification ON notification_deliveries (notification_id);
CREATE INDEX notification_deliveries_organisation ON notification_deliveries (organisation_id, created_at DESC, id DESC);
CREATE INDEX notification_deliveries_user ON notification_deliveries (user_id, created_at DESC, id DESC);
