#!/bin/sh
# Answers the prompts of an OpenSSH client, which runs this with the prompt as its argument. The answers come in the
# environment, numbered from 0, each for the first prompt that contains its part and only once:
#   ASKPASS_COUNT, ASKPASS_PART_<n>, ASKPASS_ANSWER_<n>
# With ASKPASS_HOLD, the first prompt that contains it is answered only when ASKPASS_HOLD_FOLDER has a file `go`, and by
# what is in that file, if anything is; a file `held` there says that it was asked, and in which words.
# Prompts are written down in the file ASKPASS_PROMPTS, what was answered to them in ASKPASS_ANSWERS, each with a NUL
# behind; numbers of spent answers in ASKPASS_SPENT.
printf '%s\0' "$1" >>"$ASKPASS_PROMPTS"
if [ -n "${ASKPASS_HOLD:-}" ] && [ ! -e "$ASKPASS_HOLD_FOLDER/held" ]; then
    case $1 in
        *"$ASKPASS_HOLD"*)
            printf '%s' "$1" >"$ASKPASS_HOLD_FOLDER/asked"
            mv "$ASKPASS_HOLD_FOLDER/asked" "$ASKPASS_HOLD_FOLDER/held"
            while [ ! -e "$ASKPASS_HOLD_FOLDER/go" ]; do sleep 0.05; done
            if [ -s "$ASKPASS_HOLD_FOLDER/go" ]; then
                printf '%s\0' "$(cat "$ASKPASS_HOLD_FOLDER/go")" >>"$ASKPASS_ANSWERS"
                cat "$ASKPASS_HOLD_FOLDER/go"
                exit 0
            fi
            ;;
    esac
fi
n=0
while [ "$n" -lt "$ASKPASS_COUNT" ]; do
    eval "part=\$ASKPASS_PART_$n answer=\$ASKPASS_ANSWER_$n"
    case $1 in
        *"$part"*)
            if ! grep -qx "$n" "$ASKPASS_SPENT"; then
                echo "$n" >>"$ASKPASS_SPENT"
                printf '%s\0' "$answer" >>"$ASKPASS_ANSWERS"
                printf '%s\n' "$answer"
                exit 0
            fi
            ;;
    esac
    n=$((n + 1))
done
printf '\0' >>"$ASKPASS_ANSWERS"
exit 1
