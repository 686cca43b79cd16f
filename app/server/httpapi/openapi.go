package httpapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"recado/app/wire"
)

var pathParameter = regexp.MustCompile(`\{([a-z]+)\}`)

type object = map[string]any

// openAPI describes the routes in OpenAPI 3.1, from the same table that serves them.
func (a *API) openAPI(http.ResponseWriter, *request) (reply, error) {
	s := schemas{}
	paths := map[string]object{}
	for _, r := range a.routes {
		if paths[r.path] == nil {
			paths[r.path] = object{}
		}
		paths[r.path][strings.ToLower(r.method)] = r.describe(s)
	}
	doc := object{
		"openapi": "3.1.0",
		"info":    object{"title": "Recado", "version": "1", "description": "The messaging desk of a team. The feed at /api/v1/feed is a stream of server-sent events: `hello`, then entries (`data` first, `id: EPOCH.NUMBER` last), `head`, `reset`, `bye`, `typing`, `looking`, `presence`, `held` (other mails are held than before) and `canned` (the canned answers are others than before)."},
		"paths":   paths,
		"components": object{"schemas": s, "securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer"}},
			"responses": object{"problem": object{"description": "An RFC 9457 problem", "content": object{"application/problem+json": object{"schema": s.of(reflect.TypeFor[wire.Problem]())}}}}},
	}
	s.of(reflect.TypeFor[wire.Entry]())
	return reply{status: http.StatusOK, body: doc}, nil
}

func (r route) describe(s schemas) object {
	var parameters []object
	for _, m := range pathParameter.FindAllStringSubmatch(r.path, -1) {
		parameters = append(parameters, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, q := range r.query {
		parameters = append(parameters, object{"name": q, "in": "query", "schema": object{"type": "string"}})
	}
	answer := object{"description": http.StatusText(r.status)}
	if r.out != nil {
		answer["content"] = object{"application/json": object{"schema": s.of(reflect.TypeOf(r.out))}}
	}
	if strings.HasSuffix(r.path, "/feed") {
		answer["content"] = object{"text/event-stream": object{"schema": object{"$ref": "#/components/schemas/Entry"}}}
	}
	op := object{"summary": r.summary, "operationId": operationID(r), "responses": object{
		strconv.Itoa(r.status): answer, "default": object{"$ref": "#/components/responses/problem"}}}
	if len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if r.in != nil {
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s.of(reflect.TypeOf(r.in))}}}
	}
	if strings.HasSuffix(r.path, "/files") {
		op["requestBody"] = object{"required": true, "content": object{"multipart/form-data": object{"schema": object{"type": "object",
			"required": []string{"key", "file"}, "properties": object{"key": object{"type": "string"}, "file": object{"type": "string", "format": "binary"}}}}}}
	}
	if !r.public {
		op["security"] = []object{{"bearer": []string{}}}
	}
	return op
}

func operationID(r route) string {
	return strings.ToLower(r.method) + regexp.MustCompile(`[^a-zA-Z]+`).ReplaceAllString(strings.TrimPrefix(r.path, "/api/v1"), "-")
}

// schemas are JSON Schemas by type name.
type schemas map[string]any

var (
	timeType = reflect.TypeFor[wire.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

func (s schemas) of(t reflect.Type) object {
	switch {
	case t == timeType:
		return object{"type": "string", "format": "date-time"}
	case t == rawType:
		return object{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Struct:
		return s.structure(t)
	}
	return object{}
}

func (s schemas) structure(t reflect.Type) object {
	name := regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(strings.NewReplacer("recado/app/wire.", "").Replace(t.Name()), "")
	name = strings.ToUpper(name[:1]) + name[1:]
	ref := object{"$ref": "#/components/schemas/" + name}
	if _, known := s[name]; known {
		return ref
	}
	properties, required := object{}, []string{}
	schema := object{"type": "object", "properties": properties}
	s[name] = schema // before its fields, which may hold it again
	s.fields(t, properties, &required)
	if len(required) > 0 {
		schema["required"] = required
	}
	return ref
}

func (s schemas) fields(t reflect.Type, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			s.fields(f.Type, properties, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		schema := s.of(f.Type)
		if enum := f.Tag.Get("enum"); enum != "" {
			schema["enum"] = strings.Split(enum, ",")
		}
		properties[name] = schema
		if f.Type.Kind() != reflect.Pointer && f.Type != rawType && !strings.Contains(options, "omitempty") {
			*required = append(*required, name)
		}
	}
}
