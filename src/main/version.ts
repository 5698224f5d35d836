// The version of the product, as nodes report it and as `requires :mcollective` in DDL files is checked against: at least 2.12.5.
// A test holds it equal to package.json. [agents 2.2]

export const VERSION = '3.0.0'
