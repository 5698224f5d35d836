#!/bin/sh
# Boots a real systemd as the first process of namespaces of its own, over a root file system that shows this machine's but keeps every change
# to itself, with no unit of this machine but its journal. Called in fresh mount, uts, ipc and network namespaces; makes the others.
# Arguments: an empty folder, the checkout.
set -eu
scratch=$1
checkout=$2

if [ "${3:-}" != inside ]; then
  mount -t tmpfs -o mode=755 tmpfs "$scratch"
  mkdir "$scratch/cgroup"
  mount -t cgroup2 cgroup2 "$scratch/cgroup"
  # What ended hosts have left.
  find "$scratch/cgroup" -mindepth 1 -depth -type d -path '*/troupe-systemd-*' -exec rmdir {} + 2> /dev/null || true
  mkdir "$scratch/cgroup/troupe-systemd-$$"
  echo $$ > "$scratch/cgroup/troupe-systemd-$$/cgroup.procs"
  umount "$scratch/cgroup"
  exec unshare --cgroup --pid --mount --fork --kill-child sh "$0" "$scratch" "$checkout" inside
fi

mkdir "$scratch/changes" "$scratch/work" "$scratch/root"
root=$scratch/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/changes,workdir=$scratch/work" "$root"
mount -t proc proc "$root/proc"
# Kernel settings are those of the machine below as well.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for own in run root home dev var/log var/lib/systemd; do mount -t tmpfs -o mode=755 tmpfs "$root/$own"; done
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
for device in null zero full random urandom tty; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"

# The places of our packages.
rm -rf "$root/usr/lib/troupe" "$root/etc/puppetlabs/mcollective" "$root/etc/mcollective"
mkdir -p "$root/usr/lib/troupe"
mount --bind "$checkout" "$root/usr/lib/troupe"
mount -o remount,bind,ro "$root/usr/lib/troupe"
for program in mco mcollectived troupe-broker; do ln -sf "/usr/lib/troupe/bin/$program" "$root/usr/local/bin/$program"; done

# Only what a test writes is started: nothing that this machine has enabled, no generator, no file system.
rm -rf "$root/etc/systemd/system" "$root"/lib/systemd/system/*.wants "$root/lib/systemd/system-generators"
mkdir -p "$root/etc/systemd/system"
: > "$root/etc/fstab"
cat > "$root/etc/systemd/system/default.target" << 'END'
[Unit]
Description=What a test needs
Wants=basic.target systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service
After=basic.target
END
cp "$checkout/packaging/mcollective.service" "$checkout/packaging/troupe-broker.service" "$checkout/packaging/troupe-console.service" "$root/etc/systemd/system/"
echo master.example.com > "$root/etc/hostname"
hostname master.example.com
echo '127.0.0.1 localhost master.example.com' > "$root/etc/hosts"
ip link set lo up

cd "$root"
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
rmdir /.outside
exec env -i container=troupe PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  /lib/systemd/systemd --system --log-target=console --show-status=false < /dev/null
