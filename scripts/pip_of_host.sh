#!/bin/sh
# To be sourced: what pip and TLS of this machine are set to, for builds in roots of their own.
#
#   index    pip's index, empty where it is PyPI itself
#   bundle   the file of trusted certificates
# PIP_INDEX_URL and SSL_CERT_FILE go before what the machine has.
index=${PIP_INDEX_URL:-$(python3 -m pip config list | sed -n "s/^global\.index-url='\(.*\)'$/\1/p")}
bundle=${SSL_CERT_FILE:-$(python3 -c 'import ssl; print(ssl.get_default_verify_paths().cafile or "")')}
[ -f "$bundle" ] || { echo "SSL_CERT_FILE has to name a file of trusted certificates" >&2; exit 1; }
