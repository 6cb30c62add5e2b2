// A door that waits for a phone: asks whether it has answered, and goes on when it has. Nobody is taken away from a code that
// they have begun to type: they are told, and go on when they like.

for (const waits of document.querySelectorAll("[data-waits-at]")) {
  const goOn = waits.querySelector("form");
  const types = () => !!document.querySelector("input[name=passcode]")?.value;
  const ask = async () => {
    for (;;) {
      try {
        const answer = await fetch(waits.dataset.waitsAt, { cache: "no-store" });
        if (!answer.ok) return;
        if ((await answer.json()).over) {
          if (!types()) return goOn.submit();
          waits.querySelector("[data-said]").textContent = waits.dataset.over;
          return;
        }
      } catch {
        // The network was away for a moment.
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    }
  };
  ask();
}
