# shellcheck shell=bash
# Two nodes of Kubernetes, beside control_plane.sh, in their own network, mount and process namespaces. The first also has the control plane;
# the second has another network. Sourced. The network does not enforce policies.
state=${state:?} kit=${kit:?} group=${group:?}

address=10.97.0.1
declare -A addresses=([first]=$address [second]=10.97.0.2) pod_networks=([first]=10.98.0.0/24 [second]=10.98.1.0/24)

start_network() {
  ip link set lo up
  ip link add node0 type bridge
  ip address add "$address/24" dev node0
  ip link set node0 up
  # The kubelet finds its address by a default route.
  ip route add default dev node0
  sysctl --quiet net.ipv4.ip_forward=1
}

# The API server, in front of its extension servers.
start_front_api() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=front-proxy -keyout "$state/front-proxy.key" -out "$state/front-proxy.crt" 2>/dev/null
  start_api "$address" --kubelet-preferred-address-types InternalIP --requestheader-client-ca-file "$state/front-proxy.crt" \
    --proxy-client-cert-file "$state/front-proxy.crt" --proxy-client-key-file "$state/front-proxy.key" --enable-aggregator-routing \
    --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group --requestheader-extra-headers-prefix X-Remote-Extra-
}

# The metrics for the autoscaler.
start_metrics() {
  local port
  read -r port < <(free_ports "$address" 1)
  start metrics /usr/bin/python3 tests/cluster/metrics.py "$address" "$port" "$kit/kubectl" "$state/front-proxy.crt" "$state/front-proxy.key"
  kubectl apply --filename - <<END
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: kube-system}
spec: {ports: [{port: 443, targetPort: $port}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: metrics, namespace: kube-system, labels: {kubernetes.io/service-name: metrics}}
addressType: IPv4
ports: [{port: $port}]
endpoints: [{addresses: [$address]}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true,
  service: {name: metrics, namespace: kube-system, port: 443}}
END
  kubectl wait --for condition=Available apiservice/v1beta1.metrics.k8s.io --timeout 60s
}

# The second node's network, and the way to its pods.
start_second_network() {
  unshare --net sleep infinity &
  started+=($!)
  second_network=/proc/$!/ns/net
  until_true 10 own_network || return 1
  ip link add second type veth peer name node0 netns "$!" &&
    ip link set second master node0 up &&
    ip route add "${pod_networks[second]}" via "${addresses[second]}" &&
    on second ip link set lo up &&
    on second ip address add "${addresses[second]}/24" dev node0 &&
    on second ip link set node0 up &&
    on second ip route add default via "$address" &&
    on second sysctl --quiet net.ipv4.ip_forward=1
}
own_network() { [[ $(readlink "$second_network") != "$(readlink /proc/self/ns/net)" ]]; }

# on NODE COMMAND...: in the network of that node.
on() {
  if [[ $1 == first ]]; then
    "${@:2}"
  else
    nsenter --net="$second_network" "${@:2}"
  fi
}

start_controllers() {
  start kube-controller-manager "$kit/kube-controller-manager" --kubeconfig "$KUBECONFIG" --leader-elect=false --use-service-account-credentials \
    --service-account-private-key-file "$state/accounts.key" --root-ca-file "$state/apiserver/apiserver.crt" --secure-port 0 \
    --horizontal-pod-autoscaler-sync-period 5s --horizontal-pod-autoscaler-cpu-initialization-period 1s \
    --horizontal-pod-autoscaler-initial-readiness-delay 1s
  start kube-scheduler "$kit/kube-scheduler" --kubeconfig "$KUBECONFIG" --leader-elect=false --secure-port 0
  start names /usr/bin/python3 tests/cluster/names.py "$address" "$kit/kubectl"
}

# An image of one program, which keeps a pod's namespaces open.
make_pause() {
  mkdir -p "$state/pause"
  printf '#include <signal.h>\n#include <unistd.h>\nvoid end(int s) { (void)s; _exit(0); }\nint main(void) { signal(SIGTERM, end); signal(SIGINT, end); for (;;) pause(); }\n' |
    gcc -static -O1 -x c -o "$state/pause/pause" -
  tar -C "$state/pause" -c pause | tests/cluster/podman import --change 'ENTRYPOINT ["/pause"]' - localhost/pause:test &&
    tests/cluster/podman save --format oci-archive --output "$state/pause.tar" localhost/pause:test
}

# start_containerd NODE: with the images of pause and of Fingerpost.
start_containerd() {
  local node=$1 home=$state/$1
  mkdir -p "$home/cni"
  cat >"$home/cni/10-bridge.conflist" <<END
{"cniVersion": "1.0.0", "name": "bridge", "plugins": [
  {"type": "bridge", "bridge": "pods0", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$home/addresses", "ranges": [[{"subnet": "${pod_networks[$node]}"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
  cat >"$home/containerd.toml" <<END
version = 3
root = "$home/containerd"
state = "$home/containerd-state"
[grpc]
  address = "$home/containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "localhost/pause:test"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "$home/cni"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  BinaryName = "/usr/sbin/runc"
  SystemdCgroup = false
END
  start "containerd-$node" on "$node" "$kit/containerd" --config "$home/containerd.toml"
  local ctr=("$kit/ctr" --address "$home/containerd.sock" --namespace k8s.io)
  until_true 30 "${ctr[@]}" version || return 1
  [[ -s $state/pause.tar ]] || make_pause >"$state/pause.log" 2>&1 || { cat "$state/pause.log" >>"$state/containerd-$node.log" && return 1; }
  local image
  for image in pause fingerpost; do "${ctr[@]}" images import --local "$state/$image.tar" >>"$state/containerd-$node.log" 2>&1 || return 1; done
}

# start_kubelet NODE: and kube-proxy.
start_kubelet() {
  local node=$1
  cat >"$state/$node/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://$state/$node/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$group/$node
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
maxOpenFiles: 20000
enforceNodeAllocatable: []
clusterDNS: [$address]
clusterDomain: cluster.local
resolvConf: /dev/null
syncFrequency: 10s
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
evictionHard: {memory.available: 1Mi, nodefs.available: 1%, imagefs.available: 1%}
END
  start "kubelet-$node" on "$node" "$kit/kubelet" --config "$state/$node/kubelet.yaml" --kubeconfig "$KUBECONFIG" --hostname-override "$node" \
    --node-ip "${addresses[$node]}" --root-dir "$state/$node/kubelet"
  start "kube-proxy-$node" on "$node" "$kit/kube-proxy" --kubeconfig "$KUBECONFIG" --hostname-override "$node" --proxy-mode nftables \
    --cluster-cidr 10.98.0.0/16 --masquerade-all --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0
}

# Secrets for mutual TLS: the server's certificate, its clients' authority, and a client's certificate.
make_certificates() {
  mkdir -p "$state/tls" && (
    cd "$state/tls" || exit 1
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out ca.crt || exit 1
    signed server DNS:secure-fingerpost,DNS:secure-fingerpost.shop.svc && signed client URI:spiffe://example.com/ns/shop/sa/caller || exit 1
    kubectl create secret generic secure-tls --namespace shop --type kubernetes.io/tls --from-file=tls.crt=server.crt --from-file=tls.key=server.key --from-file=ca.crt &&
      kubectl create secret generic callers-ca --namespace shop --from-file=ca.crt &&
      kubectl create secret tls caller --namespace shop --cert client.crt --key client.key
  )
}

# signed NAME ALTERNATIVE_NAMES
signed() {
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" &&
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -extfile <(echo "subjectAltName=$2") -out "$1.crt"
}
