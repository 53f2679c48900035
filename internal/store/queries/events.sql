-- name: AppendAccess :exec
INSERT INTO access_log (id, user_id, role, action, object_type, object_id)
VALUES (@id, @user_id, @role, @action, @object_type, @object_id);
