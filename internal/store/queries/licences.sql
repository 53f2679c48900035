-- name: ProfessionalLicence :one
SELECT * FROM professional_licences WHERE id = @id;

-- name: EndProfessionalLicence :execrows
-- Last is the last day on which it holds; a licence that was entered wrongly never held.
UPDATE professional_licences SET valid_to = @last::date WHERE id = @id AND (valid_to IS NULL OR valid_to > @last::date);

-- name: TerminateAgreement :execrows
-- Either it ends at once, or its last day comes earlier.
UPDATE agreements SET terminated_at = sqlc.narg(at_once)::timestamptz, valid_to = @last::date
WHERE id = @id AND terminated_at IS NULL AND valid_to >= @last::date;
