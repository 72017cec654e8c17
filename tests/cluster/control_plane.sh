# shellcheck shell=bash
# etcd and kube-apiserver on loopback. Sourced; $state is a temporary directory, $kit the one with Kubernetes' commands.
state=${state:?} kit=${kit:?}

declare -a started=()

# start NAME COMMAND...: in the background, its output in $state/NAME.log; stop_all ends it.
start() {
  "${@:2}" >"$state/$1.log" 2>&1 </dev/null &
  started+=($!)
}

stop_all() {
  local i
  for ((i = ${#started[@]} - 1; i >= 0; --i)); do
    kill "${started[i]}" 2>/dev/null || true
    wait "${started[i]}" 2>/dev/null || true
  done
  started=()
}

# until_true SECONDS COMMAND...: asks twice a second.
until_true() {
  local end=$((SECONDS + $1))
  until "${@:2}" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.5
  done
}

# free_ports ADDRESS COUNT: different ones.
free_ports() {
  /usr/bin/python3 -c '
import socket, sys
sockets = [socket.create_server((sys.argv[1], 0)) for _ in range(int(sys.argv[2]))]
print(*(s.getsockname()[1] for s in sockets))' "$@"
}

# own_address: an address of the loopback network whose ports no other process takes before they are used.
own_address() { echo "127.$((1 + $$ / 250 % 250)).$(($$ % 250)).1"; }

# start_api ADDRESS [FLAG...]: etcd on loopback and the API server on ADDRESS; writes an administrator's $state/kubeconfig.
start_api() {
  local address=$1 etcd peer port token
  read -r etcd peer < <(free_ports "$(own_address)" 2)
  etcd=http://$(own_address):$etcd peer=http://$(own_address):$peer
  read -r port < <(free_ports "$address" 1)
  start etcd etcd --data-dir "$state/etcd" --unsafe-no-fsync --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
  openssl genrsa -out "$state/accounts.key" 2048 2>/dev/null
  openssl rsa -in "$state/accounts.key" -pubout -out "$state/accounts.pub" 2>/dev/null
  token=$(openssl rand -hex 16)
  echo "$token,admin,admin,system:masters" >"$state/tokens"
  start kube-apiserver "$kit/kube-apiserver" --etcd-servers "$etcd" --bind-address "$address" --advertise-address "$address" \
    --secure-port "$port" --cert-dir "$state/apiserver" --token-auth-file "$state/tokens" --endpoint-reconciler-type none \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$state/accounts.pub" \
    --service-account-signing-key-file "$state/accounts.key" --service-cluster-ip-range 10.96.0.0/16 "${@:2}"
  until_true 180 test -s "$state/apiserver/apiserver.crt" || return 1
  api=https://$address:$port
  write_kubeconfig "$state/kubeconfig" "$token"
  export KUBECONFIG=$state/kubeconfig
  until_true 300 "$kit/kubectl" get --raw /readyz
}

# write_kubeconfig FILE TOKEN
write_kubeconfig() {
  cat >"$1" <<END
apiVersion: v1
kind: Config
clusters:
  - {name: test, cluster: {server: "$api", certificate-authority: "$state/apiserver/apiserver.crt"}}
users:
  - {name: test, user: {token: "$2"}}
contexts:
  - {name: test, context: {cluster: test, user: test}}
current-context: test
END
}
