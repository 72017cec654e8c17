{{/* Contradictory values. Each message is one sentence that says what to change. The schema has checked types and names. */}}
{{- define "fingerpost.contradictions" -}}
{{- $v := .Values -}}
{{- if not $v.image.repository -}}
  {{- fail (printf "image.repository is empty, and no image of Fingerpost is published: build one with \"podman build -f service/Dockerfile -t REPOSITORY:%s .\" in the sources, push it where the cluster pulls from, and set image.repository=REPOSITORY" .Chart.AppVersion) -}}
{{- end -}}

{{- $full := include "fingerpost.fullname" . -}}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" $full) -}}
  {{- fail (printf "the objects would be named %q, which a Service must not be (a letter, then letters, digits and \"-\"): set fullnameOverride, or name the release otherwise" $full) -}}
{{- end -}}

{{- $labelled := dict "commonLabels" $v.commonLabels -}}
{{- range $part := list "serviceMonitor" "prometheusRule" "dashboard" -}}
  {{- $_ := set $labelled (printf "metrics.%s.labels" $part) (get $v.metrics $part).labels -}}
{{- end -}}
{{- range $name, $labels := $labelled -}}
  {{- range $label := keys (default (dict) $labels) | sortAlpha -}}
    {{- if regexMatch "^(app\\.kubernetes\\.io/(name|instance|component|version|part-of|managed-by)|helm\\.sh/chart)$" $label -}}
      {{- fail (printf "%s sets %s, which is the chart's own: remove it" $name $label) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- range $label := keys (default (dict) $v.podLabels) | sortAlpha -}}
  {{- if regexMatch "^app\\.kubernetes\\.io/(name|instance|component)$" $label -}}
    {{- fail (printf "podLabels sets %s, by which the chart's selectors select: remove it" $label) -}}
  {{- end -}}
{{- end -}}

{{- $sources := list -}}
{{- range $name := list "inline" "existingConfigMap" "existingSecret" "volume" -}}
  {{- if get $v.policy $name -}}{{- $sources = append $sources (printf "policy.%s" $name) -}}{{- end -}}
{{- end -}}
{{- if gt (len $sources) 1 -}}
  {{- fail (printf "%s are set, but there is one policy: keep one of them" (join " and " $sources)) -}}
{{- end -}}
{{- if and $v.policy.maps (not $v.policy.inline) -}}
  {{- fail "policy.maps lie beside an inline document: set policy.inline, or put the maps into the ConfigMap, Secret or volume" -}}
{{- end -}}
{{- if hasKey (default (dict) $v.policy.maps) "policy.yaml" -}}
  {{- fail "policy.maps has policy.yaml, which is the name of the document itself: give the map another" -}}
{{- end -}}
{{- if and $v.policy.check (not $sources) -}}
  {{- fail "policy.check has nothing to check: set one of policy.inline, policy.existingConfigMap, policy.existingSecret and policy.volume" -}}
{{- end -}}
{{- if and $v.policy.check (hasKey (default (dict) $v.policy.volume) "emptyDir") -}}
  {{- fail "policy.check has a pod of its own, where an emptyDir is empty: check the policy where it is made, and set policy.check=false" -}}
{{- end -}}
{{- $teams := list -}}
{{- range $v.policy.projected -}}
  {{- if has .configMap $teams -}}{{- fail (printf "policy.projected has the ConfigMap %s twice: remove one" .configMap) -}}{{- end -}}
  {{- $teams = append $teams .configMap -}}
{{- end -}}
{{- $from := $v.policy.fromConfigMaps -}}
{{- range $name, $set := dict "policy.projected" $teams "policy.fromConfigMaps.enabled" $from.enabled -}}
  {{- if and $set (not $sources) -}}
    {{- fail (printf "%s brings files that a document includes, and there is none: set policy.inline, policy.existingConfigMap or policy.existingSecret" $name) -}}
  {{- end -}}
  {{- if and $set $v.policy.volume -}}
    {{- fail (printf "%s joins the ConfigMap or Secret of the document, and there is policy.volume: put the teams' files into the volume, too, or the document into policy.inline, policy.existingConfigMap or policy.existingSecret" $name) -}}
  {{- end -}}
{{- end -}}
{{- if $from.enabled -}}
  {{- if not $from.image -}}
    {{- fail "policy.fromConfigMaps.enabled needs an image with Python 3.9 or later: set policy.fromConfigMaps.image" -}}
  {{- end -}}
  {{- if not $from.label -}}
    {{- fail "policy.fromConfigMaps.label is empty, and every ConfigMap would be gathered: set a label" -}}
  {{- end -}}
  {{- if and (not $v.serviceAccount.create) (not $v.serviceAccount.name) -}}
    {{- fail "policy.fromConfigMaps.enabled gives a right to the service account, and \"default\" belongs to all pods of the namespace: set serviceAccount.create=true or serviceAccount.name" -}}
  {{- end -}}
  {{- if and $v.networkPolicy.enabled (not $v.networkPolicy.egress) -}}
    {{- fail "policy.fromConfigMaps.enabled, but the network policy lets nothing out: admit the API server, whose address \"kubectl get endpoints kubernetes\" shows, in networkPolicy.egress" -}}
  {{- end -}}
{{- end -}}
{{- $size := len (default "" $v.policy.inline) -}}
{{- range $v.policy.maps -}}{{- $size = add $size (len .) -}}{{- end -}}
{{- if gt (int $size) 1048576 -}}
  {{- fail (printf "policy.inline and policy.maps have %d octets, and a ConfigMap holds 1048576: put them into a volume and set policy.volume" $size) -}}
{{- end -}}

{{- $least := int (include "fingerpost.leastReplicas" .) -}}
{{- if and $v.podDisruptionBudget.enabled (lt $least 2) -}}
  {{- fail (printf "a PodDisruptionBudget with %d replica would block every node drain or protect nothing: set %s to 2 or more, or podDisruptionBudget.enabled=false" $least (ternary "autoscaling.minReplicas" "replicaCount" $v.autoscaling.enabled)) -}}
{{- end -}}
{{- $missing := $v.podDisruptionBudget.maxUnavailable -}}
{{- if kindIs "string" $missing -}}
  {{- $missing = ceil (divf (mul $least (trimSuffix "%" $missing)) 100) -}}
{{- end -}}
{{- if and $v.podDisruptionBudget.enabled (ge (int $missing) $least) -}}
  {{- fail (printf "podDisruptionBudget.maxUnavailable is %v, and there may be %d replicas: a node drain could take them all; set it to %d at most" $v.podDisruptionBudget.maxUnavailable $least (sub $least 1)) -}}
{{- end -}}
{{- if and $v.autoscaling.enabled (gt (int $v.autoscaling.minReplicas) (int $v.autoscaling.maxReplicas)) -}}
  {{- fail (printf "autoscaling.minReplicas (%d) is more than autoscaling.maxReplicas (%d)" (int $v.autoscaling.minReplicas) (int $v.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if and $v.autoscaling.enabled (not (dig "requests" "cpu" "" $v.resources)) -}}
  {{- fail "autoscaling compares CPU with resources.requests.cpu: set it" -}}
{{- end -}}

{{- $drain := add $v.server.drainDelaySeconds $v.server.drainTimeoutSeconds 5 | int -}}
{{- if lt (int $v.terminationGracePeriodSeconds) $drain -}}
  {{- fail (printf "terminationGracePeriodSeconds is %d, but a drain takes up to %d s (server.drainDelaySeconds + server.drainTimeoutSeconds + 5): raise the one or lower the others" (int $v.terminationGracePeriodSeconds) $drain) -}}
{{- end -}}

{{- if $v.tls.enabled -}}
  {{- if and $v.tls.existingSecret $v.tls.certManager.enabled -}}
    {{- fail "tls.existingSecret and tls.certManager.enabled are set, but there is one certificate: keep one of them" -}}
  {{- end -}}
  {{- if not (or $v.tls.existingSecret $v.tls.certManager.enabled) -}}
    {{- fail "tls.enabled needs a certificate: set tls.existingSecret or tls.certManager.enabled" -}}
  {{- end -}}
  {{- if and $v.tls.certManager.enabled (not $v.tls.certManager.issuerRef.name) -}}
    {{- fail "tls.certManager.enabled needs to know who signs: set tls.certManager.issuerRef.name" -}}
  {{- end -}}
  {{- if and $v.tls.allowCallers (not $v.tls.clientCA.secret) -}}
    {{- fail "tls.allowCallers names clients by their certificates: set tls.clientCA.secret" -}}
  {{- end -}}
{{- else if or $v.tls.existingSecret $v.tls.certManager.enabled $v.tls.clientCA.secret $v.tls.allowCallers -}}
  {{- fail "tls values are set, but tls.enabled is false, and everything would go in plaintext: set tls.enabled=true, or remove them" -}}
{{- end -}}

{{- if and $v.metrics.serviceMonitor.enabled $v.networkPolicy.enabled (not $v.networkPolicy.monitoring) -}}
  {{- fail "metrics.serviceMonitor.enabled, but the network policy admits no Prometheus: name it in networkPolicy.monitoring" -}}
{{- end -}}
{{- if and $v.metrics.prometheusRule.enabled (not $v.metrics.serviceMonitor.enabled) -}}
  {{- fail "metrics.prometheusRule.enabled, but its alerts read what the chart's ServiceMonitor scrapes, and FingerpostDown would fire for ever: set metrics.serviceMonitor.enabled=true" -}}
{{- end -}}
{{- if and $v.grpcRoute.enabled (not $v.grpcRoute.parentRefs) -}}
  {{- fail "grpcRoute.enabled needs a Gateway: set grpcRoute.parentRefs" -}}
{{- end -}}
{{- $envoy := get (default (dict) $v.server.settings) "envoy" -}}
{{- if and $v.gateway.enabled $v.networkPolicy.enabled (not $v.gateway.from) -}}
  {{- fail "gateway.enabled, but the network policy admits no gateway: name its namespace or pods in gateway.from" -}}
{{- end -}}
{{- if and $v.gateway.from (not $v.gateway.enabled) (not $envoy) -}}
  {{- fail "gateway.from names gateways, and there is nothing that they may ask: set gateway.enabled=true (over HTTP) or server.settings.envoy=true (Envoy's ext_authz over gRPC)" -}}
{{- end -}}
{{- if not $v.redirectSite.enabled -}}
  {{- range $name := list "tlsSecrets" "acme" "from" -}}
    {{- if get $v.redirectSite $name -}}{{- fail (printf "redirectSite.%s is set, but redirectSite.enabled is false: set redirectSite.enabled=true, or remove it" $name) -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- if and $v.redirectSite.enabled (not $sources) -}}
  {{- fail "redirectSite.enabled, but without a policy it answers 404 to everything: set one of policy.inline, policy.existingConfigMap, policy.existingSecret and policy.volume" -}}
{{- end -}}
{{- if and (get (default (dict) $v.server.settings) "otlp-endpoint") $v.networkPolicy.enabled (not $v.networkPolicy.egress) -}}
  {{- fail "server.settings.otlp-endpoint, but the network policy lets nothing out: admit the collector, and DNS to find it, in networkPolicy.egress" -}}
{{- end -}}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) -}}
  {{- fail "httpRoute.enabled needs a Gateway: set httpRoute.parentRefs" -}}
{{- end -}}
{{- range $route := list (list "httpRoute" "jsonHostnames" "siteHostnames") (list "ingress" "jsonHosts" "siteHosts") -}}
  {{- $name := index $route 0 -}}
  {{- $one := get $v $name -}}
  {{- $json := get $one (index $route 1) -}}
  {{- $site := get $one (index $route 2) -}}
  {{- if and $one.enabled (not $json) (not $site) -}}
    {{- fail (printf "%s.enabled routes no host: set %s.%s, %s.%s or both" $name $name (index $route 1) $name (index $route 2)) -}}
  {{- end -}}
  {{- if and $one.enabled $json (not $v.server.http) -}}
    {{- fail (printf "%s.%s are of JSON over HTTP, which is off: set server.http=true, or remove them" $name (index $route 1)) -}}
  {{- end -}}
  {{- if and $one.enabled $site (not $v.redirectSite.enabled) -}}
    {{- fail (printf "%s.%s are of the redirect site, which is off: set redirectSite.enabled=true, or remove them" $name (index $route 2)) -}}
  {{- end -}}
{{- end -}}
{{- $ports := list (int $v.server.port) (int $v.server.adminPort) -}}
{{- if include "fingerpost.http" . -}}{{- $ports = append $ports (int $v.server.httpPort) -}}{{- end -}}
{{- if $v.redirectSite.enabled -}}{{- $ports = append $ports (int $v.redirectSite.port) -}}{{- end -}}
{{- if ne (len $ports) (len (uniq $ports)) -}}
  {{- fail (printf "server.port, server.adminPort and server.httpPort must differ%s" (ternary ", and so must redirectSite.port" "" $v.redirectSite.enabled)) -}}
{{- end -}}
{{- if and (include "fingerpost.http" .) (eq (int $v.service.port) (int $v.service.httpPort)) -}}
  {{- fail "service.port and service.httpPort must differ" -}}
{{- end -}}
{{- end -}}
