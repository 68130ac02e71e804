/** What was chosen in a file field, which is emptied: the same file can be chosen again. */
export function chosenFiles({ currentTarget }: Event): readonly File[] {
  const field = currentTarget as HTMLInputElement;
  const files = Array.from(field.files ?? []);
  field.value = "";
  return files;
}
