read -r line < "$1"
echo "$line"
