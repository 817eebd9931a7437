kill -9 "$2"
