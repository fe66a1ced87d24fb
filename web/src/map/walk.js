// Walking over places with the arrows of a keyboard.

export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The nearest place within 60° of a direction; the same place if there is none. */
export function nextPlace(x, y, from, [dx, dy]) {
  let best = from;
  let least = Infinity;
  for (let row = 0; row < x.length; row += 1) {
    const along = (x[row] - x[from]) * dx + (y[row] - y[from]) * dy;
    const across = Math.abs((x[row] - x[from]) * dy) + Math.abs((y[row] - y[from]) * dx);
    if (along <= 0 || across > 1.73 * along) continue;
    const cost = along + 2 * across;
    if (cost < least) [best, least] = [row, cost];
  }
  return best;
}
