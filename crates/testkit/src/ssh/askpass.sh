#!/bin/sh
# Answers the prompts of an OpenSSH client, which runs this with the prompt as its argument. The answers come in the
# environment, numbered from 0, each for the first prompt that contains its part and only once:
#   ASKPASS_COUNT, ASKPASS_PART_<n>, ASKPASS_ANSWER_<n>
# Prompts are written down in the file ASKPASS_PROMPTS, each with a NUL behind; spent answers in ASKPASS_SPENT.
printf '%s\0' "$1" >>"$ASKPASS_PROMPTS"
n=0
while [ "$n" -lt "$ASKPASS_COUNT" ]; do
    eval "part=\$ASKPASS_PART_$n answer=\$ASKPASS_ANSWER_$n"
    case $1 in
        *"$part"*)
            if ! grep -qx "$n" "$ASKPASS_SPENT"; then
                echo "$n" >>"$ASKPASS_SPENT"
                printf '%s\n' "$answer"
                exit 0
            fi
            ;;
    esac
    n=$((n + 1))
done
exit 1
