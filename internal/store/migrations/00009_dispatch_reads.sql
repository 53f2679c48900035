-- +goose Up
-- Since when a doctor is idle, and how long the last consultations of a department took, are asked at each ring: both are found
-- without walking through what the doctor or the department ever did.
CREATE INDEX consultations_idle ON consultations (doctor_id, (coalesce(ended_at, accepted_at))) WHERE accepted_at IS NOT NULL;
CREATE INDEX consultations_service_times ON consultations (department_id, ended_at) WHERE started_at IS NOT NULL AND mode <> 'WRITTEN';
