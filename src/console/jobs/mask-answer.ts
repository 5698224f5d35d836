// What a job shows and keeps of an answer: secrets masked. By the names of outputs, and where the name stands in the question: the value of a
// fact called ipmi_password is in an output called value. [B-017]

import { isMap } from '#base/is-map.ts'
import { isSecretName, MASKED, maskSecrets } from '#base/secret-names.ts'

/** Makes what masks the answers to a question with these inputs. */
export function answerMasker(inputs: unknown): (data: unknown) => unknown {
  const fact = isMap(inputs) ? inputs.fact : undefined
  if (typeof fact !== 'string' || !isSecretName(fact)) return maskSecrets
  return (data) =>
    isMap(data)
      ? Object.fromEntries(Object.entries(data).map(([name, value]) => [name, name === 'fact' ? value : MASKED]))
      : data === undefined
        ? undefined
        : MASKED
}
