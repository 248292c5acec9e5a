// Lets user-mode Linux run on a processor with more registers than its release knows (AMX, for one). It saves and restores those of
// its processes by ptrace, in as many bytes as processors had then. A host gives the beginning of what it has, but takes nothing less
// than the whole: so what is restored is completed here, the rest as in a new process. On other processors this changes nothing.
//
// Loaded by LD_PRELOAD; built without headers, so that a compiler is all it takes.

#define PTRACE_SETREGSET 0x4205
#define NT_X86_XSTATE 0x202
#define RTLD_NEXT ((void *)-1L)
// How a processor lays them out: Intel's manual, volume 1, chapter 13.
#define XSAVE_LEAF 13
#define X87_AND_SSE 3UL
#define HEADER 512
#define MOST 65536

struct iovec {
  char *base;
  unsigned long length;
};

typedef long tracer(int request, int pid, long address, void *data);

extern void *dlsym(void *library, const char *name);

static char whole[MOST];

static void ask(unsigned int part, unsigned int *size, unsigned int *offset) {
  unsigned int most, flags;
  __asm__("cpuid" : "=a"(*size), "=b"(*offset), "=c"(most), "=d"(flags) : "a"(XSAVE_LEAF), "c"(part));
}

// How many bytes this processor has.
static unsigned int bytes(void) {
  unsigned int low, length;
  ask(0, &low, &length);
  return length;
}

// A bit for each part that lies within the first `length` of them.
static unsigned long parts(unsigned long length) {
  unsigned long found = X87_AND_SSE;
  unsigned int part, size, offset;
  for (part = 2; part < 63; part += 1) {
    ask(part, &size, &offset);
    if (size > 0 && offset > 0 && offset + size <= length) {
      found |= 1UL << part;
    }
  }
  return found;
}

long ptrace(int request, int pid, long address, void *data) {
  // Asked once: a virtual processor takes long to answer, and this is done for each switch between two processes.
  static tracer *real;
  static unsigned long length, known;
  struct iovec *given = data, full = {whole, 0};
  if (real == 0) {
    real = (tracer *)dlsym(RTLD_NEXT, "ptrace");
    length = bytes();
  }
  if (request != PTRACE_SETREGSET || address != NT_X86_XSTATE || given->length >= length || length > MOST) {
    return real(request, pid, address, data);
  }
  if (known == 0) {
    known = parts(given->length);
  }
  __builtin_memcpy(whole, given->base, given->length);
  *(unsigned long *)(whole + HEADER) &= known;
  full.length = length;
  return real(request, pid, address, &full);
}
