-- name: QueueFigures :many
SELECT urgency, count(*) AS waiting, coalesce(max(extract(epoch FROM now() - offered_at)), 0)::float8 AS oldest_seconds
FROM consultations WHERE state = 'OFFERED' GROUP BY urgency;

-- name: ClaimFigures :many
SELECT urgency, count(*) AS claims,
  coalesce(sum(extract(epoch FROM accepted_at - offered_at)), 0)::float8 AS seconds,
  coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM accepted_at - offered_at)), 0)::float8 AS median,
  coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM accepted_at - offered_at)), 0)::float8 AS p90
FROM consultations WHERE accepted_at >= now() - interval '24 hours' AND accepted_at >= offered_at GROUP BY urgency;
