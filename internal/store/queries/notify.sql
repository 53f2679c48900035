-- name: AddNotification :execrows
-- The same key is the same fact.
INSERT INTO notifications (id, key, event, urgency, users, present, departments, department_id, subject_id, epoch, organisations, resident_id, void_at, created_at)
VALUES (@id, @key, @event, @urgency, @users::uuid[], @present, @departments::uuid[], @department_id, @subject_id, @epoch, coalesce(@organisations::uuid[], '{}'), sqlc.narg(resident_id),
  sqlc.narg(void_at), @now)
ON CONFLICT (key) DO NOTHING;

-- name: NotificationsToPlan :many
-- One alone when its id is given. What failed before waits for its time.
SELECT n.*, notification_live(n.event, n.subject_id, n.epoch, NULL)::boolean AS live
FROM notifications n WHERE n.planned_at IS NULL AND (n.plan_after IS NULL OR n.plan_after <= @now::timestamptz)
  AND (sqlc.narg(id)::uuid IS NULL OR n.id = sqlc.narg(id))
ORDER BY n.created_at LIMIT @batch FOR UPDATE SKIP LOCKED;

-- name: PlanFailed :one
-- A fact could not be planned: how often that has been tried.
UPDATE notifications SET attempts = attempts + 1 WHERE id = @id AND planned_at IS NULL RETURNING attempts;

-- name: PlanLater :exec
UPDATE notifications SET plan_after = @plan_after::timestamptz WHERE id = @id;

-- name: AddDeadFact :exec
-- The dead letters of a fact that cannot be planned: one for each organisation of those whom it concerns, for its administrators.
INSERT INTO notification_deliveries (id, notification_id, organisation_id, channel, series, state, due_at, created_at, error_code)
SELECT gen_random_uuid(), n.id, o.organisation_id, 'SMS', n.id || ':' || o.organisation_id, 'DEAD', @now::timestamptz, @now::timestamptz, @error_code
FROM notifications n, (
  SELECT m.organisation_id, f.id FROM notifications f JOIN memberships m ON m.user_id = ANY (f.users)
  WHERE m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz)
  UNION SELECT d.organisation_id, f.id FROM notifications f JOIN departments d ON d.id = ANY (f.departments)) o
WHERE n.id = @id AND o.id = n.id;

-- name: PlanAnew :execrows
-- An administrator takes up a fact that could not be planned: its dead letters go, and it is planned again.
WITH fact AS (UPDATE notifications n SET planned_at = NULL, plan_after = NULL, attempts = 0 WHERE n.id = @id RETURNING n.id AS fact_id)
DELETE FROM notification_deliveries d USING fact WHERE d.notification_id = fact.fact_id AND d.state = 'DEAD' AND d.error_code = @error_code;

-- name: NotificationPlanned :exec
UPDATE notifications SET planned_at = @now::timestamptz WHERE id = @id;

-- name: PeopleToNotify :many
-- How the people stand now: whether a shift of theirs covers the instant, what they chose, and through whose SMS channel
-- they are reached (the oldest of an organisation in which they hold a role).
SELECT u.id, u.locale, (s.phone_enc IS NOT NULL)::boolean AS has_phone, s.quiet_from, s.quiet_to, c.sms, c.push,
  EXISTS (SELECT 1 FROM duty_shifts d WHERE d.user_id = u.id AND d.starts_at <= @now AND d.ends_at > @now)::boolean AS on_duty,
  coalesce((SELECT m.organisation_id FROM memberships m WHERE m.user_id = u.id AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now)
   ORDER BY m.valid_from, m.id LIMIT 1), '00000000-0000-0000-0000-000000000000')::uuid AS organisation_id,
  coalesce((SELECT nc.id FROM notification_channels nc JOIN memberships m ON m.organisation_id = nc.organisation_id
   WHERE m.user_id = u.id AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now) AND nc.kind = 'SMS_WEBHOOK' AND nc.enabled
   ORDER BY nc.created_at, nc.id LIMIT 1), '00000000-0000-0000-0000-000000000000')::uuid AS sms_channel_id
FROM users u LEFT JOIN notification_settings s ON s.user_id = u.id
  LEFT JOIN notification_choices c ON c.user_id = u.id AND c.event = @event
WHERE u.id = ANY (@users::uuid[]) AND u.disabled_at IS NULL
ORDER BY u.id;

-- name: PushSubscriptionsOf :many
SELECT * FROM push_subscriptions WHERE user_id = ANY (@users::uuid[]) ORDER BY created_at, id;

-- name: RobotsFor :many
-- The group robots of the departments, and those that serve no single department: of the departments' organisations, and of organisations.
SELECT nc.id, nc.organisation_id, nc.kind FROM notification_channels nc
WHERE nc.enabled AND nc.kind <> 'SMS_WEBHOOK' AND @event::text = ANY (nc.events)
  AND (nc.department_id = ANY (@departments::uuid[])
    OR nc.department_id IS NULL AND (nc.organisation_id = ANY (@organisations::uuid[])
      OR nc.organisation_id IN (SELECT d.organisation_id FROM departments d WHERE d.id = ANY (@departments::uuid[]))))
ORDER BY nc.id;

-- name: AddDelivery :exec
-- While a message of the series is on its way there is no second one.
INSERT INTO notification_deliveries (id, notification_id, organisation_id, user_id, resident_id, channel, channel_id, subscription_id, series, round, at_any_hour, due_at, created_at)
VALUES (@id, @notification_id, @organisation_id, @user_id, sqlc.narg(resident_id), @channel, @channel_id, @subscription_id, @series, @round, @at_any_hour, @due_at, @now)
ON CONFLICT (series) WHERE state IN ('WAITING', 'SENDING', 'RETRYING') DO NOTHING;

-- name: StopDeliveries :execrows
-- What waits and no longer stands is stopped, so that the log says so at once. Nothing that is not live is sent in any case.
UPDATE notification_deliveries d SET state = 'STOPPED', lease_until = NULL, error_code = ''
FROM notifications n
WHERE n.id = d.notification_id AND d.state IN ('WAITING', 'RETRYING') AND NOT notification_live(n.event, n.subject_id, n.epoch, d.user_id);

-- name: TakeDeliveries :many
-- Takes what is due on a kind of channel, for the length of the lease; what a dead node took is due again when its lease is
-- over. No more than @each for one provider, so that a slow one leaves room for the others; none for providers that asked for
-- a pause. Only what still stands is taken.
UPDATE notification_deliveries t SET state = 'SENDING', attempts = t.attempts + 1, lease_until = @lease_until
WHERE t.id IN (
  SELECT d.id FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id
  WHERE d.id IN (
    SELECT p.id FROM (
      SELECT x.id, row_number() OVER (PARTITION BY x.channel_id ORDER BY (f.urgency = 'CRITICAL') DESC, x.due_at, x.id) AS place
      FROM notification_deliveries x JOIN notifications f ON f.id = x.notification_id LEFT JOIN notification_channels nc ON nc.id = x.channel_id
      WHERE x.channel = @channel AND (x.state IN ('WAITING', 'RETRYING') AND x.due_at <= @now OR x.state = 'SENDING' AND x.lease_until <= @now)
        AND (nc.id IS NULL OR nc.enabled AND (nc.paused_until IS NULL OR nc.paused_until <= @now))
        AND (x.channel_id IS NULL OR NOT x.channel_id = ANY (@busy::uuid[]))
    ) p WHERE p.place <= @each::bigint OR @channel = 'PUSH' ORDER BY p.place LIMIT @batch)
    AND (d.state IN ('WAITING', 'RETRYING') AND d.due_at <= @now OR d.state = 'SENDING' AND d.lease_until <= @now)
    AND notification_live(n.event, n.subject_id, n.epoch, d.user_id)
  FOR UPDATE OF d SKIP LOCKED)
RETURNING t.id, t.channel_id;

-- name: DeliveryToSend :one
SELECT d.*, n.event, n.urgency, n.subject_id, n.epoch, n.void_at, ap.starts_at AS appointment_at, ap.place AS appointment_place, coalesce(dep.code, '')::text AS department_code, coalesce(dep.name, '')::text AS department_name,
  nc.kind AS channel_kind, nc.url_enc, nc.secret_enc, nc.locale AS channel_locale, u.locale AS user_locale, u.disabled_at, s.phone_enc, s.quiet_from, s.quiet_to,
  p.endpoint_enc
FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id
  LEFT JOIN departments dep ON dep.id = n.department_id
  LEFT JOIN appointments ap ON n.event LIKE 'APPOINTMENT%' AND ap.id = n.subject_id
  LEFT JOIN notification_channels nc ON nc.id = d.channel_id
  LEFT JOIN users u ON u.id = d.user_id
  LEFT JOIN notification_settings s ON s.user_id = d.user_id
  LEFT JOIN push_subscriptions p ON p.id = d.subscription_id
WHERE d.id = @id;

-- name: FamilyChannel :one
-- Through whose gateway a family is told: that of the house where the resident lives, otherwise that of who offers the appointment.
SELECT nc.id, nc.organisation_id FROM notification_channels nc JOIN residents r ON r.id = @resident_id LEFT JOIN appointments a ON a.id = sqlc.narg(subject_id)::uuid
WHERE nc.kind = 'SMS_WEBHOOK' AND nc.enabled AND nc.organisation_id IN (r.organisation_id, a.organisation_id)
ORDER BY nc.organisation_id = r.organisation_id DESC, nc.created_at, nc.id LIMIT 1;

-- name: FamilyPhones :many
-- The telephones on file for some residents: guardians and relatives in their order, then the resident's own.
SELECT p.source, p.id, p.resident_id, p.phone_enc FROM (
  SELECT 'guardians'::text AS source, g.id, g.resident_id, g.phone_enc, g.position::integer AS position FROM guardians g
  UNION ALL SELECT 'residents', r.id, r.id, r.phone_enc, 100000 FROM residents r) p
WHERE p.resident_id = ANY (@residents::uuid[]) AND p.phone_enc IS NOT NULL ORDER BY p.resident_id, p.position, p.id;

-- name: NoteDelivery :execrows
-- Only the taker of the last attempt notes its result: one whose lease was over and taken by another does not.
UPDATE notification_deliveries SET state = @state, due_at = @due_at, lease_until = NULL, sent_at = @sent_at, status = @status,
  error_code = @error_code, provider_code = @provider_code
WHERE id = @id AND state = 'SENDING' AND attempts = @attempts;

-- name: StillLive :one
SELECT notification_live(n.event, n.subject_id, n.epoch, d.user_id)::boolean AS live
FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id WHERE d.id = @id;

-- name: NoteChannel :exec
UPDATE notification_channels SET
  last_delivered_at = CASE WHEN @delivered::boolean THEN @now::timestamptz ELSE last_delivered_at END,
  last_failed_at = CASE WHEN @delivered::boolean THEN last_failed_at ELSE @now::timestamptz END,
  last_error = CASE WHEN @delivered::boolean THEN last_error ELSE @error_code::text END,
  paused_until = greatest(paused_until, sqlc.narg(paused_until))
WHERE id = @id;

-- name: NotePushSubscription :exec
UPDATE push_subscriptions SET last_sent_at = @now::timestamptz WHERE id = @id;

-- name: DropPushSubscription :exec
DELETE FROM push_subscriptions WHERE id = @id;

-- name: PruneNotifications :execrows
DELETE FROM notifications WHERE created_at < @before;

-- name: NotifyFigures :many
SELECT channel, count(*) FILTER (WHERE state <> 'DEAD') AS waiting, count(*) FILTER (WHERE state = 'DEAD') AS dead,
  coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE state <> 'DEAD')), 0)::float8 AS late_seconds
FROM notification_deliveries WHERE state IN ('WAITING', 'SENDING', 'RETRYING') OR state = 'DEAD' AND created_at > now() - interval '1 day'
GROUP BY channel;

-- name: AddVapidKey :exec
INSERT INTO notify_vapid (id, private_enc, public) VALUES (@id, @private_enc, @public) ON CONFLICT DO NOTHING;

-- name: VapidKey :one
SELECT id, private_enc, public FROM notify_vapid;

-- What people choose -----------------------------------------------------------------------------------------------------

-- name: NotificationSettingsOf :one
SELECT * FROM notification_settings WHERE user_id = @user_id;

-- name: NotificationChoicesOf :many
SELECT * FROM notification_choices WHERE user_id = @user_id;

-- name: AddNotificationSettings :exec
INSERT INTO notification_settings (user_id) VALUES (@user_id) ON CONFLICT DO NOTHING;

-- name: SetNotificationSettings :execrows
UPDATE notification_settings SET phone_enc = @phone_enc, quiet_from = @quiet_from, quiet_to = @quiet_to, revision = revision + 1, updated_at = @now
WHERE user_id = @user_id AND revision = @revision;

-- name: SetNotificationChoice :exec
INSERT INTO notification_choices (user_id, event, sms, push) VALUES (@user_id, @event, @sms, @push)
ON CONFLICT (user_id, event) DO UPDATE SET sms = excluded.sms, push = excluded.push;

-- name: TakeMyTest :execrows
UPDATE notification_settings SET tested_at = @now::timestamptz WHERE user_id = @user_id AND (tested_at IS NULL OR tested_at <= @before::timestamptz);

-- name: SMSReachable :one
SELECT EXISTS (SELECT 1 FROM notification_channels WHERE kind = 'SMS_WEBHOOK' AND enabled AND organisation_id = ANY (@organisations::uuid[]))::boolean;

-- name: LockPushSubscriptions :many
SELECT id FROM push_subscriptions WHERE user_id = @user_id ORDER BY created_at, id FOR UPDATE;

-- name: UpsertPushSubscription :one
INSERT INTO push_subscriptions (id, user_id, endpoint_enc, endpoint_hmac, label, created_at)
VALUES (@id, @user_id, @endpoint_enc, @endpoint_hmac, @label, @now)
ON CONFLICT (endpoint_hmac) DO UPDATE SET user_id = excluded.user_id, label = excluded.label
RETURNING *;

-- name: DeletePushSubscription :execrows
DELETE FROM push_subscriptions WHERE id = @id AND user_id = @user_id;

-- An organisation's channels -----------------------------------------------------------------------------------------------

-- name: NotificationChannels :many
SELECT nc.*, o.name AS organisation_name, coalesce(d.name, '')::text AS department_name
FROM notification_channels nc JOIN organisations o ON o.id = nc.organisation_id LEFT JOIN departments d ON d.id = nc.department_id
WHERE (@everything::boolean OR nc.organisation_id = ANY (@own::uuid[])) AND (sqlc.narg(id)::uuid IS NULL OR nc.id = sqlc.narg(id))
ORDER BY nc.enabled DESC, nc.created_at, nc.id;

-- name: LockNotificationChannel :one
SELECT * FROM notification_channels WHERE id = @id FOR UPDATE;

-- name: CountNotificationChannels :one
SELECT count(*) FROM notification_channels WHERE organisation_id = @organisation_id;

-- name: AddNotificationChannel :exec
INSERT INTO notification_channels (id, organisation_id, department_id, kind, name, host, url_enc, secret_enc, events, locale, created_by, created_at, updated_at)
VALUES (@id, @organisation_id, @department_id, @kind, @name, @host, @url_enc, @secret_enc, @events, @locale, @created_by, @now, @now);

-- name: SetNotificationChannel :exec
UPDATE notification_channels SET name = @name, host = @host, url_enc = @url_enc, secret_enc = @secret_enc, events = @events, locale = @locale,
  enabled = @enabled, paused_until = NULL, revision = revision + 1, updated_at = @now
WHERE id = @id;

-- name: StopChannel :execrows
UPDATE notification_deliveries SET state = 'STOPPED', lease_until = NULL, error_code = 'notify_channel_disabled'
WHERE channel_id = @channel_id AND state IN ('WAITING', 'RETRYING');

-- name: TakeChannelTest :execrows
UPDATE notification_channels SET tested_at = @now::timestamptz WHERE id = @id AND (tested_at IS NULL OR tested_at <= @before::timestamptz);

-- The log ------------------------------------------------------------------------------------------------------------------

-- name: Deliveries :many
SELECT d.id, d.user_id, d.channel, d.state, d.round, d.attempts, d.created_at, d.due_at, d.sent_at, d.status, d.error_code,
  n.event, n.urgency, n.subject_id, coalesce(nc.name, '')::text AS channel_name, coalesce(u.display_name, '')::text AS user_name,
  (d.resident_id IS NOT NULL)::boolean AS family
FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id
  LEFT JOIN notification_channels nc ON nc.id = d.channel_id LEFT JOIN users u ON u.id = d.user_id
WHERE (d.organisation_id = ANY (@organisations::uuid[]) OR d.user_id = sqlc.narg(user_id))
  AND (sqlc.narg(since)::timestamptz IS NULL OR d.created_at >= sqlc.narg(since))
  AND (sqlc.narg(before)::timestamptz IS NULL OR d.created_at < sqlc.narg(before))
  AND (cardinality(@states::text[]) = 0 OR d.state = ANY (@states::text[]))
  AND (cardinality(@channels::text[]) = 0 OR d.channel = ANY (@channels::text[]))
  AND (cardinality(@events::text[]) = 0 OR n.event = ANY (@events::text[]))
  AND (sqlc.narg(after_at)::timestamptz IS NULL OR (d.created_at, d.id) < (sqlc.narg(after_at), @after_id::uuid))
  AND (sqlc.narg(id)::uuid IS NULL OR d.id = sqlc.narg(id))
ORDER BY d.created_at DESC, d.id DESC LIMIT @page_size;

-- name: LockDelivery :one
SELECT id, organisation_id, state, error_code, notification_id FROM notification_deliveries d WHERE d.id = @id FOR UPDATE;

-- name: RetryDelivery :exec
UPDATE notification_deliveries SET state = 'RETRYING', attempts = 0, due_at = @now, error_code = '' WHERE id = @id AND state = 'DEAD';
