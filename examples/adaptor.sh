#!/bin/sh
# An adaptor in shell: reads one line of JSON, does what it asks, answers with one line (docs/command.md).
# This one passes every call on to a system with hooks over HTTP, here the reference practice; for your own system put
# what does it in place of "pass_on". It needs sh and python3.   sh adaptor.sh [BASE URL OF THE HOOKS]
base=${1:-http://127.0.0.1:8090}

pass_on() {
    python3 -c '
import json, sys, urllib.error, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
request = urllib.request.Request(sys.argv[1], sys.argv[2].encode(), {"Content-Type": "application/json"})
try:
    answer = opener.open(request)
except urllib.error.HTTPError as refused:
    answer = refused
print(json.dumps({"status": answer.status, "body": json.loads(answer.read() or "{}")}))' "$base/$1" "$2" ||
        echo '{"status": 500, "body": {"error": "the adaptor reached nothing"}}'
}

while IFS= read -r line; do
    verb=${line#'{"verb":"'} && verb=${verb%%'"'*}
    body=${line#*'"body":'} && body=${body%'}'}
    case $verb in
        capabilities | register | hold | decide | configure | resend) pass_on "$verb" "$body" ;;
        state | filed | notices | clock | settle | reset) pass_on "$verb" "$body" ;;
        *) echo '{"status": 501, "body": {}}' ;;
    esac
done
