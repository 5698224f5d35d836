// Made from the DDL of agent package 5.1.0. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** Install and uninstall software packages */
export interface PackageActions {
  /** Install a package */
  install: {
    input: {
      /** Package to install */
      package: string
      /** Version of the package to install */
      version?: string
      /** Change nothing, only say what would change */
      noop?: boolean
    }
    output: {
      /** Output from the package manager */
      output: Value
      /** Package epoch number */
      epoch: Value
      /** Package architecture */
      arch: Value
      /** Full package version */
      ensure: Value
      /** Version number */
      version: Value
      /** Provider used to retrieve information */
      provider: Value
      /** Package name */
      name: Value
      /** Package release number */
      release: Value
      /** The exitcode from the package manager */
      exitcode: Value
      /** Packages that were changed, or with noop would be: what happens to which package in which version */
      changes: Value
    }
  }
  /** Update a package */
  update: {
    input: {
      /** Package to update */
      package: string
      /** Change nothing, only say what would change */
      noop?: boolean
    }
    output: {
      /** Output from the package manager */
      output: Value
      /** Package epoch number */
      epoch: Value
      /** Package architecture */
      arch: Value
      /** Full package version */
      ensure: Value
      /** Version number */
      version: Value
      /** Provider used to retrieve information */
      provider: Value
      /** Package name */
      name: Value
      /** Package release number */
      release: Value
      /** The exitcode from the package manager */
      exitcode: Value
      /** Packages that were changed, or with noop would be: what happens to which package in which version */
      changes: Value
    }
  }
  /** Uninstall a package */
  uninstall: {
    input: {
      /** Package to uninstall */
      package: string
      /** Change nothing, only say what would change */
      noop?: boolean
    }
    output: {
      /** Output from the package manager */
      output: Value
      /** Package epoch number */
      epoch: Value
      /** Package architecture */
      arch: Value
      /** Full package version */
      ensure: Value
      /** Version number */
      version: Value
      /** Provider used to retrieve information */
      provider: Value
      /** Package name */
      name: Value
      /** Package release number */
      release: Value
      /** The exitcode from the package manager */
      exitcode: Value
      /** Packages that were changed, or with noop would be: what happens to which package in which version */
      changes: Value
    }
  }
  /** Purge a package */
  purge: {
    input: {
      /** Package to purge */
      package: string
      /** Change nothing, only say what would change */
      noop?: boolean
    }
    output: {
      /** Output from the package manager */
      output: Value
      /** Package epoch number */
      epoch: Value
      /** Package architecture */
      arch: Value
      /** Full package version */
      ensure: Value
      /** Version number */
      version: Value
      /** Provider used to retrieve information */
      provider: Value
      /** Package name */
      name: Value
      /** Package release number */
      release: Value
      /** The exitcode from the package manager */
      exitcode: Value
      /** Packages that were changed, or with noop would be: what happens to which package in which version */
      changes: Value
    }
  }
  /** Get the status of a package */
  status: {
    input: {
      /** Package to get the status of */
      package: string
    }
    output: {
      /** Output from the package manager */
      output: Value
      /** Package epoch number */
      epoch: Value
      /** Package architecture */
      arch: Value
      /** Full package version */
      ensure: Value
      /** Version number */
      version: Value
      /** Provider used to retrieve information */
      provider: Value
      /** Package name */
      name: Value
      /** Package release number */
      release: Value
    }
  }
  /** Get number of packages installed */
  count: {
    input: Record<never, never>
    output: {
      /** Count of packages installed */
      output: Value
      /** The exitcode from the package manager */
      exitcode: Value
    }
  }
  /** Get md5 digest of list of packages installed */
  md5: {
    input: Record<never, never>
    output: {
      /** MD5 of list of packages installed */
      output: Value
      /** The exitcode from the package manager */
      exitcode: Value
    }
  }
  /** Clean the YUM cache */
  yum_clean: {
    input: {
      /** One of the various supported clean modes */
      mode?: 'all' | 'headers' | 'packages' | 'metadata' | 'dbcache' | 'plugins' | 'expire-cache'
    }
    output: {
      /** Output from YUM */
      output: Value
      /** The exitcode from the yum command */
      exitcode: Value
    }
  }
  /** Update the apt cache */
  apt_update: {
    input: Record<never, never>
    output: {
      /** Output from apt-get */
      output: Value
      /** The exitcode from the apt-get command */
      exitcode: Value
    }
  }
  /** Fetch the lists of available packages anew */
  refresh: {
    input: Record<never, never>
    output: {
      /** The detected package manager */
      package_manager: Value
      /** Output from Package Manager */
      output: Value
      /** The exitcode from the package manager command */
      exitcode: Value
    }
  }
  /** Check for updates */
  checkupdates: {
    input: Record<never, never>
    output: {
      /** The detected package manager */
      package_manager: Value
      /** Output from Package Manager */
      output: Value
      /** Outdated packages */
      outdated_packages: Value
      /** The exitcode from the package manager command */
      exitcode: Value
    }
  }
  /** Check for updates */
  checkupdate: {
    input: Record<never, never>
    output: {
      /** The detected package manager */
      package_manager: Value
      /** Output from Package Manager */
      output: Value
      /** Outdated packages */
      outdated_packages: Value
      /** The exitcode from the package manager command */
      exitcode: Value
    }
  }
  /** Check for YUM updates */
  yum_checkupdates: {
    input: Record<never, never>
    output: {
      /** Output from YUM */
      output: Value
      /** Outdated packages */
      outdated_packages: Value
      /** The exitcode from the package manager command */
      exitcode: Value
    }
  }
  /** Check for APT updates */
  apt_checkupdates: {
    input: Record<never, never>
    output: {
      /** Output from APT */
      output: Value
      /** Outdated packages */
      outdated_packages: Value
      /** The exitcode from the package manager command */
      exitcode: Value
    }
  }
}
