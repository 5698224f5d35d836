#!/bin/sh
# Becomes the first process of a lab host. Runs in fresh mount, pid, uts, ipc and network namespaces, makes a root file system
# that shows this machine's but keeps every change to itself, and then only collects the processes that lose their parents.
# Everything made here is gone when this process is. Arguments: host name, scratch folder, checkout.
set -eu
name=$1
scratch=$2
checkout=$3

mount -t tmpfs -o mode=755 tmpfs "$scratch"
mkdir "$scratch/changes" "$scratch/work" "$scratch/root"
root=$scratch/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/changes,workdir=$scratch/work" "$root"

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
for own in run root home var/log; do mount -t tmpfs -o mode=755 tmpfs "$root/$own"; done
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
chmod 700 "$root/root"
mkdir -p "$root/opt/troupe"
mount --bind "$checkout" "$root/opt/troupe"
mount -o remount,bind,ro "$root/opt/troupe"

# A machine that has MCollective itself must not lend its configuration.
rm -rf "$root/etc/puppetlabs/mcollective" "$root/etc/mcollective" "$root/etc/resolv.conf"
for program in mco mcollectived troupe-broker; do ln -sf "/opt/troupe/bin/$program" "$root/usr/local/bin/$program"; done
echo "$name" > "$root/etc/hostname"
hostname "$name"

cd "$root"
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
rmdir /.outside
echo ready
exec < /dev/null > /dev/null 2>&1
sleep infinity &
wait
