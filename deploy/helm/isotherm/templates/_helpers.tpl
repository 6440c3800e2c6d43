{{- define "isotherm.name" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- $name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- /* What is selected by: nothing here changes from one version to the next, for it may not. */ -}}
{{- define "isotherm.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "isotherm.labels" -}}
{{ include "isotherm.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "isotherm.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* Variables whose secrets are files, by their key in the Secret. */ -}}
{{- define "isotherm.secretFiles" -}}
{{- $keys := .Values.secret.keys -}}
DATABASE_URL: {{ $keys.databaseUrl }}
ISOTHERM_SECRETS_KEY: {{ $keys.secretsKey }}
{{- with $keys.monitorToken }}
ISOTHERM_HTTP_MONITOR_TOKEN: {{ . }}
{{- end }}
{{- with $keys.databaseReadUrl }}
DATABASE_READ_URL: {{ . }}
{{- end }}
{{- with .Values.secret.more }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "isotherm.env" -}}
- name: ISOTHERM_HTTP_HOST
  value: "0.0.0.0"
- name: ISOTHERM_MQTT_HOST
  value: "0.0.0.0"
# It brings its own PostgreSQL, which the image has not.
- name: ISOTHERM_PRACTICE_ENABLED
  value: "false"
- name: NODE_COMPILE_CACHE
  value: /tmp/compile-cache
{{- range $variable, $key := fromYaml (include "isotherm.secretFiles" .) }}
- name: {{ $variable }}_FILE
  value: /etc/isotherm/secrets/{{ $key }}
{{- end }}
{{- range $variable, $value := .Values.settings }}
- name: {{ $variable }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{- define "isotherm.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "isotherm.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "isotherm.mounts" -}}
- name: secrets
  mountPath: /etc/isotherm/secrets
  readOnly: true
- name: temporary
  mountPath: /tmp
- name: data
  mountPath: /app/data
{{- if .Values.tls.secretName }}
- name: tls
  mountPath: /etc/isotherm/tls
  readOnly: true
{{- end }}
{{- end }}

{{- define "isotherm.volumes" -}}
- name: temporary
  emptyDir: { sizeLimit: 1Gi }
# With a database and secrets.key of its own nothing is kept there but the newest heads of audit trail, ledger and archive.
- name: data
  emptyDir: { sizeLimit: 100Mi }
{{- if .Values.tls.secretName }}
- name: tls
  secret:
    secretName: {{ .Values.tls.secretName }}
    defaultMode: 0440
{{- end }}
{{- end }}
