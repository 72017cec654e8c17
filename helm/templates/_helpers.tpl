{{- define "fingerpost.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Room for the longest suffix, "-policy-check". */}}
{{- define "fingerpost.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* The labels of selectors, which never change during a release's life. Chosen names are quoted: 007 and true are names. */}}
{{- define "fingerpost.selector" -}}
app.kubernetes.io/name: {{ include "fingerpost.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "fingerpost.serverSelector" -}}
{{ include "fingerpost.selector" . }}
app.kubernetes.io/component: server
{{- end -}}

{{- define "fingerpost.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "fingerpost.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: {{ include "fingerpost.name" . | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* name, namespace and labels of an object: (list . "-suffix" "component"), labels of its own, which win over the common ones, and
     its namespace, if it is not the release's */}}
{{- define "fingerpost.metadata" -}}
{{- $top := index . 0 -}}
{{- $own := dict -}}{{- if gt (len .) 3 -}}{{- $own = index . 3 -}}{{- end -}}
{{- $namespace := $top.Release.Namespace -}}{{- if gt (len .) 4 -}}{{- $namespace = index . 4 -}}{{- end -}}
name: {{ print (include "fingerpost.fullname" $top) (index . 1) | quote }}
namespace: {{ $namespace | quote }}
labels:
  {{- include "fingerpost.labels" $top | nindent 2 }}
  app.kubernetes.io/component: {{ index . 2 }}
  {{- with merge (dict) (default (dict) $own) (default (dict) $top.Values.commonLabels) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "fingerpost.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "fingerpost.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "fingerpost.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{/* The fields of every pod of the release. */}}
{{- define "fingerpost.pod" -}}
automountServiceAccountToken: false
# fingerpostd would read variables such as FINGERPOST_PORT, which Kubernetes derives from services, as settings.
enableServiceLinks: false
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The fields of every container of the image. */}}
{{- define "fingerpost.container" -}}
image: {{ include "fingerpost.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
{{- end -}}

{{- define "fingerpost.policyDirectory" -}}/etc/fingerpost/policy{{- end -}}

{{/* The document's file name, or nothing without a policy. */}}
{{- define "fingerpost.policyFile" -}}
{{- with .Values.policy -}}
{{- if .inline -}}policy.yaml{{- else if or .existingConfigMap .existingSecret .volume -}}{{ .file }}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "fingerpost.policyData" -}}
policy.yaml: {{ .Values.policy.inline | toJson }}
{{- range $name, $text := .Values.policy.maps }}
{{ $name }}: {{ $text | toJson }}
{{- end }}
{{- end -}}

{{/* The source of the policy's volume: (list . "name of the ConfigMap with the inline policy") */}}
{{- define "fingerpost.policySource" -}}
{{- $policy := (index . 0).Values.policy -}}
{{- $configMap := ternary (index . 1) $policy.existingConfigMap (ne $policy.inline "") -}}
{{- if $policy.projected }}
# One volume, because what a document includes lies below its own directory, links followed.
projected:
  defaultMode: 0440
  sources:
    {{- if $policy.existingSecret }}
    - secret:
        name: {{ $policy.existingSecret | quote }}
    {{- else }}
    - configMap:
        name: {{ $configMap | quote }}
    {{- end }}
    {{- range $policy.projected }}
    - configMap:
        name: {{ .configMap | quote }}
        optional: {{ ternary .optional true (hasKey . "optional") }}
        items:
          {{- $team := .configMap }}
          {{- range default (list "redirects.yaml") .keys }}
          - {key: {{ . | quote }}, path: {{ printf "teams/%s/%s" $team . | quote }}}
          {{- end }}
    {{- end }}
{{- else if $policy.existingSecret }}
secret:
  secretName: {{ $policy.existingSecret | quote }}
  defaultMode: 0440
{{- else if $policy.volume }}
{{- toYaml $policy.volume }}
{{- else }}
configMap:
  name: {{ $configMap | quote }}
{{- end }}
{{- end -}}

{{/* The namespaces whose ConfigMaps are gathered. */}}
{{- define "fingerpost.gatheredNamespaces" -}}
{{- default (list .Release.Namespace) .Values.policy.fromConfigMaps.namespaces | toJson -}}
{{- end -}}

{{/* A container that makes the policy's directory of the document and what is gathered: (list . "its name" "--a-flag"). Only it has
     the pod's token. */}}
{{- define "fingerpost.gatherer" -}}
{{- $top := index . 0 -}}
{{- $from := $top.Values.policy.fromConfigMaps -}}
name: {{ index . 1 }}
image: {{ $from.image }}
imagePullPolicy: {{ $top.Values.image.pullPolicy }}
securityContext:
  {{- toYaml $top.Values.securityContext | nindent 2 }}
resources:
  {{- toYaml $from.resources | nindent 2 }}
command: [python3, -B, /opt/gather/gather.py]
args:
  - --label={{ $from.label }}
  {{- range slice . 2 }}
  - {{ . }}
  {{- end }}
  - --document=/document
  - /policy
  {{- range include "fingerpost.gatheredNamespaces" $top | fromJsonArray }}
  - {{ . | quote }}
  {{- end }}
volumeMounts:
  - name: gather
    mountPath: /opt/gather
    readOnly: true
  - name: policy
    mountPath: /document
    readOnly: true
  - name: gathered
    mountPath: /policy
  - name: token
    mountPath: /var/run/secrets/kubernetes.io/serviceaccount
    readOnly: true
{{- end -}}

{{- define "fingerpost.tlsSecret" -}}
{{- default (printf "%s-tls" (include "fingerpost.fullname" .)) .Values.tls.existingSecret -}}
{{- end -}}

{{/* Whether the port of JSON and gateways is open: "true" or nothing. */}}
{{- define "fingerpost.http" -}}
{{- if or .Values.server.http .Values.gateway.enabled -}}true{{- end -}}
{{- end -}}

{{/* The settings of fingerpostd; the host names of routes are names that JSON is served by. */}}
{{- define "fingerpost.settings" -}}
{{- $settings := deepCopy (default (dict) .Values.server.settings) -}}
{{- $hosts := list -}}
{{- if .Values.httpRoute.enabled -}}{{- $hosts = concat $hosts .Values.httpRoute.jsonHostnames -}}{{- end -}}
{{- if .Values.ingress.enabled -}}{{- $hosts = concat $hosts .Values.ingress.jsonHosts -}}{{- end -}}
{{- if $hosts -}}
  {{- $_ := set $settings "allow-host" (concat (compact (list (get $settings "allow-host"))) $hosts | uniq | join ",") -}}
{{- end -}}
{{- range $name, $value := $settings }}
- {{ printf "--%s=%v" $name (ternary ($value | toJson) $value (kindIs "float64" $value)) | quote }}
{{- end }}
{{- end -}}

{{/* The address by which pods of the cluster call the service. */}}
{{- define "fingerpost.address" -}}
{{ include "fingerpost.fullname" . }}.{{ .Release.Namespace }}.svc:{{ .Values.service.port }}
{{- end -}}

{{/* The fewest pods there will be. */}}
{{- define "fingerpost.leastReplicas" -}}
{{- ternary .Values.autoscaling.minReplicas .Values.replicaCount .Values.autoscaling.enabled | int -}}
{{- end -}}
