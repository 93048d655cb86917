package transfer

import (
	"database/sql"
	"errors"
)

// What people choose for all transfers together, by its name in the journal.
const (
	settingRate     = "rate"     // bytes per second; 0 is no limit
	settingRequests = "requests" // at a time; 0 is the bound of Limits
)

// choose keeps a setting of a site.
func (j *journal) choose(site, name string, value int64) {
	j.exec(`INSERT OR REPLACE INTO settings (site, name, value) VALUES (?, ?, ?)`, site, name, value)
}

// settings are those of a site that were ever chosen.
func (j *journal) settings(site string) (map[string]int64, error) {
	out := map[string]int64{}
	var failed error
	j.read(func(tx *sql.Tx) error {
		failed = func() error {
			rows, err := tx.Query(`SELECT name, value FROM settings WHERE site = ?`, site)
			if err != nil {
				return err
			}
			for rows.Next() {
				var name string
				var value int64
				if err := rows.Scan(&name, &value); err != nil {
					return errors.Join(err, rows.Close())
				}
				out[name] = value
			}
			return errors.Join(rows.Err(), rows.Close())
		}()
		return failed
	})
	return out, failed
}
