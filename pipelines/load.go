package pipelines

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/seed-2867d59c/treeport/convert"
)

// ConfigError says what is wrong in a configuration.
type ConfigError struct {
	File string // empty: flags and environment
	Key  string // such as source.paths
	What string
}

func (e *ConfigError) Error() string {
	s := e.What
	if e.Key != "" {
		s = e.Key + ": " + s
	}
	if e.File != "" {
		s = e.File + ": " + s
	}
	return s
}

// DefaultFiles are the names under which a configuration is looked for.
var DefaultFiles = []string{"treeport.yaml", "treeport.yml", "treeport.toml", "treeport.json"}

// environment is what variables begin with: TREEPORT_PUBLISH_TO is publish.to.
const environment = "TREEPORT"

// Load reads a configuration from a file (YAML, TOML or JSON, by its extension; "" for none) and the environment, which wins. set is what
// flags say, by key, and wins over both. The error is a *ConfigError, or that of reading the file.
func Load(file string, set map[string]any) (*Config, error) {
	v := viper.New()
	v.SetEnvPrefix(environment)
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	known := keys(reflect.TypeFor[Config](), "")
	for _, key := range known {
		if strings.HasPrefix(key, "emit.") {
			continue // a list, of which a variable can't say which one it means
		}
		if err := v.BindEnv(key); err != nil {
			return nil, err
		}
	}
	if err := strangeVariables(known); err != nil {
		return nil, err
	}
	if file != "" {
		v.SetConfigFile(file)
		if err := v.ReadInConfig(); err != nil {
			if _, statErr := os.Stat(file); statErr != nil {
				return nil, statErr
			}
			return nil, &ConfigError{File: file, What: oneLine(err.Error())}
		}
	}
	for key, value := range set {
		v.Set(key, value)
	}
	c := &Config{}
	var seen mapstructure.Metadata
	err := v.Unmarshal(c, func(d *mapstructure.DecoderConfig) {
		d.Metadata = &seen
		d.DecodeHook = mapstructure.ComposeDecodeHookFunc(mapstructure.TextUnmarshallerHookFunc(), mapstructure.StringToTimeDurationHookFunc(),
			mapstructure.StringToSliceHookFunc(","), dayToText)
	})
	if err != nil {
		return nil, &ConfigError{File: file, What: oneLine(err.Error())}
	}
	if len(seen.Unused) > 0 {
		slices.Sort(seen.Unused)
		return nil, strange(file, seen.Unused[0], known)
	}
	return c, c.validate(file)
}

// dayToText makes text of what YAML and TOML take for a day, 2024-01-31 without quotes.
func dayToText(from, to reflect.Type, value any) (any, error) {
	if day, ok := value.(time.Time); ok && to.Kind() == reflect.String {
		return day.Format(time.RFC3339), nil
	}
	return value, nil
}

// strange is the error of a key that there is not.
func strange(file, key string, known []string) error {
	e := &ConfigError{File: file, Key: key, What: "there is no such key"}
	plain := indices.ReplaceAllString(key, "")
	best, least := "", len(plain)/2+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(plain, k); d < least {
			best, least = k, d
		}
		// A stage misspelled is near to the stage alone.
		if stage, _, _ := strings.Cut(k, "."); !strings.Contains(plain, ".") {
			if d := levenshtein.ComputeDistance(plain, stage); d < least {
				best, least = stage, d
			}
		}
	}
	if best != "" {
		e.What += "; did you mean " + best + "?"
	}
	return e
}

// strangeVariables finds variables of a stage's name that are no key.
func strangeVariables(known []string) error {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		rest, ours := strings.CutPrefix(name, environment+"_")
		stage, _, more := strings.Cut(strings.ToLower(rest), "_")
		isKey := func(k string) bool { return strings.ReplaceAll(k, ".", "_") == strings.ToLower(rest) }
		isStage := func(k string) bool { return strings.HasPrefix(k, stage+".") }
		if ours && more && slices.ContainsFunc(known, isStage) && !slices.ContainsFunc(known, isKey) {
			e := strange("", stage+"."+strings.ToLower(rest)[len(stage)+1:], known).(*ConfigError)
			e.Key = name
			return e
		}
	}
	return nil
}

// keys lists the keys below a struct, such as source.paths; those of lists of structs without their indices.
func keys(t reflect.Type, above string) []string {
	var all []string
	for i := range t.NumField() {
		f := t.Field(i)
		key := above + f.Tag.Get("mapstructure")
		switch inner := f.Type; {
		case inner.Kind() == reflect.Struct:
			all = append(all, keys(inner, key+".")...)
		case inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct:
			all = append(all, keys(inner.Elem(), key+".")...)
		default:
			all = append(all, key)
		}
	}
	return all
}

// Validate tells whether the values make sense, and sets the defaults that other values depend on. Load has done that.
func (c *Config) Validate() error { return c.validate("") }

func (c *Config) validate(file string) error {
	no := func(key, format string, args ...any) error {
		return &ConfigError{File: file, Key: key, What: fmt.Sprintf(format, args...)}
	}
	oneOf := func(key, value string, allowed ...string) error {
		if value == "" || slices.Contains(allowed, value) {
			return nil
		}
		return no(key, "%q; there are %s", value, strings.Join(allowed, ", "))
	}
	if len(c.Emit) == 0 {
		c.Emit = []Emit{{Format: "onnx"}}
	}
	errs := []error{
		oneOf("select.versions", c.Select.Versions, "all", "latest", "since"),
		oneOf("check.scan", string(c.Check.Scan), "off", "warn", "error"),
		oneOf("check.locks", string(c.Check.Locks), "off", "warn", "error"),
	}
	if (c.Select.Since != "") != (c.Select.Versions == "since") {
		errs = append(errs, no("select.since", "goes with select.versions: since"))
	} else if _, err := c.since(); err != nil {
		errs = append(errs, no("select.since", "%v", err))
	}
	for i := range c.Emit {
		e := &c.Emit[i]
		key := fmt.Sprintf("emit[%d]", i)
		if _, err := convert.ByName("." + e.Format); err != nil {
			errs = append(errs, no(key+".format", "%q; there are onnx and pmml", e.Format))
		}
		if err := e.options(c.Verify).Check(); err != nil {
			errs = append(errs, no(key, "%v", err))
		}
		if err := checkTemplate(e.Name); err != nil {
			errs = append(errs, no(key+".name", "%v", err))
		}
	}
	if err := checkTemplate(c.Publish.Name); err != nil {
		errs = append(errs, no("publish.name", "%v", err))
	}
	if _, err := parseShard(c.Run.Shard); err != nil {
		errs = append(errs, no("run.shard", "%v", err))
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
