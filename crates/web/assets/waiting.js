// A door that waits for a phone: asks whether it has answered, and goes on when it has.

for (const waits of document.querySelectorAll("[data-waits-at]")) {
  const goOn = waits.querySelector("form");
  const ask = async () => {
    for (;;) {
      try {
        const answer = await fetch(waits.dataset.waitsAt, { cache: "no-store" });
        if (!answer.ok) return;
        if ((await answer.json()).over) return goOn.submit();
      } catch {
        // The network was away for a moment.
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    }
  };
  ask();
}
