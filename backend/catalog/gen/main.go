// Command gen writes the catalog's data from a description of the Files.com
// API: resources.json, errors.json and transliteration.json in one folder. It
// is run by hand when that description changes; nothing else needs it.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
)

func main() {
	from := flag.String("from", "", "folder of resources.json, errors.json and transliteration.json")
	flag.Parse()
	if err := run(*from); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run reads the description in the folder from and writes the four files,
// relative to backend/catalog.
func run(from string) error {
	if from == "" {
		return errors.New("-from is required")
	}
	var (
		api  description
		errs errorsFile
		tr   transliteration
	)
	for name, into := range map[string]any{
		"resources.json": &api, "errors.json": &errs, "transliteration.json": &tr,
	} {
		if err := readJSON(filepath.Join(from, name), into); err != nil {
			return err
		}
	}
	if err := api.complete(); err != nil {
		return err
	}
	if err := os.WriteFile("resources.tsv", writeResources(api), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile("errors.tsv", writeErrors(errs), 0o644); err != nil {
		return err
	}
	if err := writeGo("../classes_gen.go", writeClasses(errs)); err != nil {
		return err
	}
	return writeGo("../../pathutil/translit_gen.go", writeTransliteration(tr))
}

func readJSON(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func writeGo(file string, src []byte) error {
	out, err := format.Source(src)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, out, 0o644)
}
