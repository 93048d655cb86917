package transfer_test

import (
	"ferry/backend/api"
	"ferry/backend/local"
	"ferry/backend/transfer"
)

var (
	_ transfer.Site  = (*api.Client)(nil)
	_ transfer.Disk  = (*local.FS)(nil)
	_ transfer.Clock = local.Clock{}
)
