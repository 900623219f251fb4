#!/bin/bash
# The team's own command: passes `<verb> <service>` on to the services' supervisor and says what it said.
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 4
echo "$2 $3" >&3
read -r code say <&3
echo "$say"
exit "$code"
