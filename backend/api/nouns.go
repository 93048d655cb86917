package api

import "ferry/backend"

func setAPIKey(k *backend.APIKey, key []byte, s *scanner) {
	switch string(key) {
	case "id":
		k.ID = s.int()
	case "name":
		k.Name = s.text()
	case "description":
		k.Description = s.text()
	case "key":
		k.Key = s.text()
	case "permission_set":
		k.PermissionSet = s.text()
	case "path":
		k.Path = s.text()
	case "user_id":
		k.UserID = s.int()
	case "created_at":
		k.CreatedAt = s.time()
	case "expires_at":
		k.ExpiresAt = s.time()
	case "last_use_at":
		k.LastUseAt = s.time()
	default:
		s.skip()
	}
}
