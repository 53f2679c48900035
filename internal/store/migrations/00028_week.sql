-- +goose Up
-- absence: why nobody came to an appointment; words on it are in cancel_note_enc, as for a cancelled one.
ALTER TABLE appointments ADD COLUMN absence text NOT NULL DEFAULT '';
ALTER TABLE appointments ADD CONSTRAINT appointments_absence CHECK (absence = '' OR status = 'NO_SHOW' AND absence IN ('UNWELL', 'REFUSED', 'ADMITTED', 'DIED',
  'FORGOTTEN', 'NOBODY_THERE', 'ROAD', 'OTHER'));

-- appointment_preparations: what is ready for an appointment, by code of package consult. Who ticked last; every tick is an event too.
CREATE TABLE appointment_preparations (
  appointment_id uuid NOT NULL REFERENCES appointments (id) ON DELETE CASCADE,
  item           text NOT NULL CHECK (item <> '' AND length(item) <= 20),
  done           boolean NOT NULL,
  changed_by     uuid NOT NULL REFERENCES users (id),
  changed_at     timestamptz NOT NULL,
  PRIMARY KEY (appointment_id, item)
);
