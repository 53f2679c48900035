-- +goose Up
-- Since when a doctor is idle, and how long the last consultations of a department took, are asked at each ring: both are found
-- without walking through what the doctor or the department ever did.
CREATE INDEX consultations_idle ON consultations (doctor_id, (coalesce(ended_at, accepted_at))) WHERE accepted_at IS NOT NULL;
CREATE INDEX consultations_service_times ON consultations (department_id, ended_at) WHERE started_at IS NOT NULL AND mode <> 'WRITTEN';
-- A case card asks for both; without an index each card walks through all there are.
CREATE INDEX adoptions_consultation ON adoptions (consultation_id);
CREATE INDEX follow_ups_consultation ON follow_ups (consultation_id);
-- The rings of one request are ended by each claim; the index of all that rings holds what the last vacuum left behind.
CREATE INDEX offers_ringing ON offers (consultation_id) WHERE result = 'PENDING';
